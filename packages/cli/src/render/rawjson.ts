import type { BuildEvent } from '@cooperage/builder'
import { digestOf } from '@cooperage/store'
import type { ProgressView } from './progress.js'
import { StepBoard, type StepState } from './step-board.js'

/** One JSON object a line with `vertexes`, `statuses`, `logs` and `warnings`, as BuildKit's `--progress=rawjson`. */
export function rawJsonView(write: (text: string) => void): ProgressView {
  const board = new StepBoard()
  return {
    event(event: BuildEvent): void {
      const step = board.take(event)
      const status = toStatus(event, step)
      if (status) write(`${JSON.stringify(status)}\n`)
    },
    end(): void {},
  }
}

function toStatus(event: BuildEvent, step: StepState | undefined): object | undefined {
  if (event.type === 'warning') {
    return {
      warnings: [
        {
          level: 1,
          short: toBase64(`${event.rule}: ${event.message}`),
          ...(event.location
            ? { sourceInfo: { filename: event.location.file }, range: [range(event.location)] }
            : {}),
        },
      ],
    }
  }
  if (!step) return undefined
  const name = vertexDigest(step.id)
  switch (event.type) {
    case 'step.start':
    case 'step.end':
      return { vertexes: [vertex(step)] }
    case 'progress': {
      const since = step.progress.get(event.id)?.since ?? event.at
      const complete = event.current === event.total
      return {
        statuses: [
          {
            id: event.id,
            vertex: name,
            name: event.id,
            ...(event.total === undefined ? {} : { total: event.total }),
            current: event.current,
            timestamp: toTime(event.at),
            started: toTime(since),
            ...(complete ? { completed: toTime(event.at) } : {}),
          },
        ],
      }
    }
    case 'log':
      return {
        logs: [
          {
            vertex: name,
            // 1 is stdout and 2 is stderr, as file descriptors.
            stream: event.stream === 'stdout' ? 1 : 2,
            data: toBase64(event.data),
            timestamp: toTime(event.at),
          },
        ],
      }
    case 'output': {
      const id = `wrote ${event.kind}: ${event.destination}`
      const at = toTime(event.at)
      return {
        statuses: [{ id, vertex: name, name: id, current: 0, timestamp: at, started: at, completed: at }],
      }
    }
  }
}

function vertex(step: StepState): object {
  return {
    digest: vertexDigest(step.id),
    ...(step.inputs.length > 0 ? { inputs: step.inputs.map(vertexDigest) } : {}),
    name: step.name,
    started: toTime(step.started),
    ...(step.ended === undefined ? {} : { completed: toTime(step.ended) }),
    ...(step.outcome === 'cached' ? { cached: true } : {}),
    ...errorOf(step),
  }
}

/** One that was stopped because of another has BuildKit's word for that. */
function errorOf({ outcome, error }: StepState): { readonly error?: string } {
  if (outcome === 'canceled') return { error: 'context canceled' }
  return error === undefined ? {} : { error }
}

function range(location: { readonly line: number; readonly endLine?: number }): object {
  return { start: { line: location.line }, end: { line: location.endLine ?? location.line } }
}

/** Readers of this format expect the name of a vertex to be a digest. */
function vertexDigest(step: string): string {
  return digestOf(step)
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
