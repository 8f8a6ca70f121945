import { isSpace } from '../go-text.js'

/**
 * Words between blanks, where quotes and the escape character protect blanks. Both stay in the words: they
 * are taken away when variables are expanded.
 */
export function quotedWords(text: string, escapeToken: string): string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (quote === '' && isSpace(character)) {
      if (word !== '') words.push(word)
      word = ''
      continue
    }
    // Nothing escapes inside single quotes.
    if (character === escapeToken && quote !== "'") {
      if (at + 1 === text.length) break
      word += character + text.charAt(++at)
      continue
    }
    if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    word += character
  }
  if (word !== '') words.push(word)
  return words
}
