import { createInterface } from 'node:readline/promises'
import { CooperageError } from '@cooperage/store/errors'
import type { Terminal } from '../invocation.js'

const LONGEST = 64 * 1024

/** Asks for a line on the terminal. */
export async function askLine(terminal: Terminal, prompt: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr })
  // In its own mode a terminal gives Ctrl-C as a character.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return (await lines.question(prompt, { signal })).trim()
  } finally {
    lines.close()
  }
}

/** Asks for a line that is not shown while it is typed. */
export async function askSecret(terminal: Terminal, prompt: string, signal: AbortSignal): Promise<string> {
  const { stdin } = terminal
  terminal.say(prompt)
  stdin.setRawMode(true)
  stdin.resume()
  let typed = ''
  try {
    return await new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      stdin.once('end', () => resolve(typed))
      stdin.on('data', (chunk: Buffer) => {
        for (const character of chunk.toString('utf8')) {
          if (character === '\r' || character === '\n' || character === '\x04') return resolve(typed)
          if (character === '\x03') return void process.kill(process.pid, 'SIGINT')
          if (character === '\x7f' || character === '\b') typed = [...typed].slice(0, -1).join('')
          else if (character === '\x15') typed = ''
          else typed += character
          if (typed.length > LONGEST) return reject(new CooperageError('E_LIMIT', 'the password has no end'))
        }
      })
    })
  } finally {
    stdin.removeAllListeners('data')
    stdin.removeAllListeners('end')
    stdin.setRawMode(false)
    stdin.pause()
    terminal.say('\n')
  }
}
