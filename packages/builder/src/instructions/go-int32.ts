import { goQuote } from '../dockerfile/go-quote.js'

/** Why a text is no number, in the words of Go's `strconv`. */
export class NumberError extends Error {}

/** A decimal number of 32 bits with a sign. Throws `NumberError`. */
export function parseGoInt32(text: string): number {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[-+]/, '')
  if (digits === '') throw numberError(text, 'invalid syntax')
  let value = 0
  for (const digit of digits) {
    if (digit < '0' || digit > '9') throw numberError(text, 'invalid syntax')
    value = value * 10 + Number(digit)
    // Too many digits are reported before a wrong one behind them.
    if (value > 0xffffffff) throw numberError(text, 'value out of range')
  }
  if (value > (negative ? 0x80000000 : 0x7fffffff)) throw numberError(text, 'value out of range')
  return negative ? -value : value
}

function numberError(text: string, problem: string): NumberError {
  return new NumberError(`strconv.ParseInt: parsing ${goQuote(text)}: ${problem}`)
}
