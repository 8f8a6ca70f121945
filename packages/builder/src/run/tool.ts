import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { CooperageError, hasErrno } from '@cooperage/store'
import { exitOf } from './sandbox/container-exit.js'
import { type ToolPlace, toolProcess } from './sandbox/helper/tool-process.js'
import { MORE_IDS } from './sandbox/more-ids.js'

/** As wait(2) tells it: of whom nothing is known, something killed. */
const SIGKILLED = 9
/** Kept of what a tool says on stderr, from the end. */
const STDERR_LIMIT = 8192
/** Nothing of the caller's environment reaches these tools: TAR_OPTIONS alone could change what they do. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

export interface ToolOptions {
  /** The beginning of the command line: enters the namespaces in which the files of images are dealt with. */
  readonly enter: readonly string[]
  /** The same, for what only writes: from there a program starts sooner. */
  readonly place?: ToolPlace
  readonly signal: AbortSignal
}

/** How a tool ended: it succeeded, and may have said something. */
export interface ToolEnd {
  readonly stderr: string
}

/** Runs a program of this machine to its end, nothing on its stdin. @throws E_TOOL */
export async function runTool(command: readonly string[], options: ToolOptions): Promise<ToolEnd> {
  const tool = startTool(command, options, ['ignore', 'ignore', 'pipe'])
  return tool.ended
}

/** Feeds a program from `input` until it ends. @throws E_TOOL, and what `input` throws */
export async function feedTool(
  command: readonly string[],
  input: AsyncIterable<Uint8Array>,
  options: ToolOptions,
): Promise<ToolEnd> {
  const tool = startTool(command, options, ['pipe', 'ignore', 'pipe'])
  const stdin = tool.child.stdin!
  // One that ends early closes its end of the pipe; why is in its exit.
  let broken = false
  stdin.on('error', () => {
    broken = true
  })
  try {
    for await (const chunk of input) {
      if (broken) break
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), tool.ended.catch(() => {})])
    }
    stdin.end()
    return await tool.ended
  } catch (error) {
    tool.child.kill('SIGKILL')
    await tool.ended.catch(() => {})
    throw error
  }
}

/** What a program writes, as it comes; its failure is the last step. @throws E_TOOL */
export async function* readTool(
  command: readonly string[],
  options: ToolOptions & { readonly input?: Uint8Array; readonly onEnd?: (end: ToolEnd) => void },
): AsyncGenerator<Uint8Array> {
  const { place, input } = options
  const tool =
    place !== undefined && input === undefined
      ? await placedTool(command, place, options.signal)
      : spawnedTool(command, options)
  try {
    yield* tool.stdout
    options.onEnd?.(await tool.ended)
  } finally {
    tool.kill()
    await tool.ended.catch(() => {})
  }
}

interface WritingTool {
  readonly stdout: AsyncIterable<Uint8Array>
  readonly ended: Promise<ToolEnd>
  kill(): void
}

function spawnedTool(
  command: readonly string[],
  options: ToolOptions & { readonly input?: Uint8Array },
): WritingTool {
  const { child, ended } = startTool(command, options, [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'])
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input)
  return { stdout: child.stdout!, ended, kill: () => child.kill('SIGKILL') }
}

async function placedTool(
  command: readonly string[],
  place: ToolPlace,
  signal: AbortSignal,
): Promise<WritingTool> {
  signal.throwIfAborted()
  const { stdout, kill, ended } = await toolProcess(command, place)
  signal.addEventListener('abort', kill)
  const judged = ended.then(({ status, stderr }) => {
    signal.removeEventListener('abort', kill)
    signal.throwIfAborted()
    if (status === 0) return { stderr: stderr.slice(-STDERR_LIMIT) }
    const { exitCode, signal: by } = exitOf(status ?? SIGKILLED)
    throw failed(command[0]!, { code: exitCode, signal: by ?? null, stderr })
  })
  judged.catch(() => {})
  return { stdout, ended: judged, kill }
}

/** A program at work. */
export interface RunningTool {
  readonly child: ChildProcess
  readonly ended: Promise<ToolEnd>
}

/** Starts a program of this machine. An abort kills it. */
export function startTool(
  command: readonly string[],
  options: ToolOptions,
  stdio: ('ignore' | 'pipe')[],
): RunningTool {
  options.signal.throwIfAborted()
  const [program, ...args] = [...options.enter, ...command] as [string, ...string[]]
  const child = spawn(program, args, { env: ENVIRONMENT, cwd: '/', stdio })
  const stop = () => child.kill('SIGKILL')
  options.signal.addEventListener('abort', stop)
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LIMIT)
  })
  const ended = new Promise<ToolEnd>((resolve, reject) => {
    child.once('error', (error) => reject(failed(command[0]!, { cause: error })))
    child.once('close', (code, signal) => {
      options.signal.removeEventListener('abort', stop)
      if (options.signal.aborted) reject(options.signal.reason as Error)
      else if (code === 0) resolve({ stderr })
      else reject(failed(command[0]!, { code, signal, stderr }))
    })
  })
  ended.catch(() => {})
  return { child, ended }
}

/** What is said where a program that was entered finds nothing to run. */
const NOT_FOUND = /^fail\t2\trun /m

interface Failure {
  readonly cause?: unknown
  readonly code?: number | null
  readonly signal?: NodeJS.Signals | null
  readonly stderr?: string
}

function failed(tool: string, { cause, code, signal, stderr = '' }: Failure): CooperageError {
  const isUnknown = NOT_FOUND.test(stderr)
  const isMissing = isUnknown || hasErrno(cause, 'ENOENT')
  const how = signal ? `was ended by ${signal}` : `ended with ${code}`
  const problem = isMissing ? 'is not installed' : cause instanceof Error ? cause.message : how
  const said = isUnknown ? '' : stderr.trim().split('\n').slice(-3).join('; ')
  const isFull = /No space left on device|Disk quota exceeded/.test(stderr)
  // EINVAL: such an id is none in the user namespace.
  const lacksIds = /ownership .*: Invalid argument$/m.test(stderr)
  return new CooperageError(
    isFull ? 'E_NO_SPACE' : 'E_TOOL',
    `${tool}, which prepares the files of a RUN, ${problem}${said === '' ? '' : `: ${said}`}`,
    {
      category: isFull ? 'store' : 'sandbox',
      ...(isMissing && { hint: `install ${tool}` }),
      ...(lacksIds && { hint: `the image has files of more owners than there are ids here: ${MORE_IDS}` }),
      ...(isFull && {
        hint: 'free some space, or run "cooper prune --grace 0s", which spares nothing for being new',
      }),
      data: { tool, ...(code != null && { exitCode: code }), ...(signal != null && { signal }) },
      ...(cause !== undefined && { cause }),
    },
  )
}
