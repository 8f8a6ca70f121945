import { exitCodeOf } from './exit-code.js'
import { Interruption } from './interruption.js'
import { main, wantsDebug } from './main.js'
import { reportError } from './report-error.js'
import { processTerminal } from './terminal.js'

// The command is loaded later, so that the stacks it leaves name its sources, also in the bundle.
if (wantsDebug(process.argv)) process.setSourceMapsEnabled(true)

const interruption = new Interruption((code) => process.exit(code))
const terminal = processTerminal(process, () => interruption.readerGone())
interruption.listen(process, () => terminal.say('\nstopping; Ctrl-C again stops at once\n'))

// A fault that nobody waited for: told like any other, and never a bare stack.
process.on('uncaughtException', (error) => {
  terminal.say(reportError(error, { debug: wantsDebug(process.argv) }))
  process.exit(exitCodeOf(error))
})

const code = await main({ args: process.argv.slice(2), env: process.env, terminal, interruption })
// Not left to the event loop: an open stdin, or a connection that lingers, would keep a finished command waiting.
process.stdout.write('', () => process.exit(code))
