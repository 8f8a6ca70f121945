import { Complaint } from '../dockerfile/complaint.js'
import { goQuote } from '../dockerfile/go-quote.js'
import { commandLine } from './command-line.js'
import type { RunCommand } from './commands.js'
import { CsvError, csvFields } from './csv-fields.js'
import { baseOf, flagsOf, type Request } from './request.js'
import { checkRunDevice } from './run-device.js'

const FLAGS = { device: 'texts', mount: 'texts', network: 'text', security: 'text' } as const
const NETWORKS: readonly string[] = ['default', 'none', 'host']
const SECURITIES: readonly string[] = ['sandbox', 'insecure']

export function parseRun(request: Request): RunCommand {
  const flags = flagsOf(request, FLAGS)
  for (const device of flags.device) checkRunDevice(device)
  for (const mount of flags.mount) checkMount(mount)
  const network = flags.network ?? 'default'
  if (!NETWORKS.includes(network)) {
    throw new Complaint('E_DF_FLAG', `invalid network mode ${goQuote(network)}`, choices(NETWORKS))
  }
  const security = flags.security ?? 'sandbox'
  if (!SECURITIES.includes(security)) {
    throw new Complaint('E_DF_FLAG', `security ${goQuote(security)} is not valid`, choices(SECURITIES))
  }
  return {
    kind: 'run',
    ...baseOf(request),
    command: commandLine(request),
    mounts: flags.mount,
    network,
    security,
    devices: flags.device,
  }
}

function choices(allowed: readonly string[]): { hint: string; data: { allowed: readonly string[] } } {
  return { hint: `choose one of ${allowed.join(', ')}`, data: { allowed } }
}

/** What is certain before variables have values; the rest of a mount is judged when they have. */
function checkMount(mount: string): void {
  try {
    csvFields(mount)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new Complaint('E_DF_FLAG', `failed to parse csv mounts: ${error.message}`, {
      hint: 'write --mount=type=…,target=…; a value with a comma goes in double quotes with its key',
    })
  }
}
