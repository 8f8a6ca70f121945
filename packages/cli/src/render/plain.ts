import type { BuildEvent, BuildWarning } from '@cooperage/builder'
import { escapeLine, escapeLog } from './escape.js'
import type { ProgressView } from './progress.js'
import { showBytes, showSeconds } from './quantities.js'
import { StepBoard, type StepState } from './step-board.js'

/**
 * Lines in the manner of BuildKit's plain progress: `#N [stage 2/3] COPY a b`, `#N CACHED`, `#N DONE 0.1s`.
 * A step that is taken up again after another one spoke is named again, with `#N ...` where it was left.
 */
export function plainView(write: (text: string) => void): ProgressView {
  const board = new StepBoard()
  let current: StepState | undefined

  const turnTo = (step: StepState): void => {
    if (current === step) return
    if (current && current.ended === undefined) write(`#${current.number} ...\n`)
    if (current) write('\n')
    write(`#${step.number} ${escapeLine(step.name)}\n`)
    current = step
  }

  return {
    event(event: BuildEvent): void {
      const step = board.take(event)
      if (event.type === 'warning') {
        write(`${current ? '\n' : ''}${warningLine(event)}\n`)
        current = undefined
      }
      if (!step) return
      // Counts change many times a second: only their end is worth a line.
      if (event.type === 'progress' && event.current !== event.total) return
      turnTo(step)
      for (const line of linesOf(event, step)) write(`#${step.number} ${line}\n`)
    },
    end(): void {
      if (current) write('\n')
      current = undefined
    },
  }
}

/** `WARN: Rule: what (Dockerfile:3)` */
export function warningLine(warning: BuildWarning): string {
  const place = warning.location ? ` (${warning.location.file}:${warning.location.line})` : ''
  return escapeLine(`WARN: ${warning.rule}: ${warning.message}${place}`)
}

function linesOf(event: BuildEvent, step: StepState): string[] {
  switch (event.type) {
    case 'progress': {
      const since = step.progress.get(event.id)?.since ?? event.at
      const amount = event.unit === 'bytes' ? showBytes(event.current) : `${event.current} files`
      return [`${escapeLine(event.id)}: ${amount} ${showSeconds(event.at - since)} done`]
    }
    case 'log': {
      const at = ((event.at - step.started) / 1000).toFixed(3)
      return event.data
        .replace(/\r?\n$/, '')
        .split('\n')
        .map((line) => `${at} ${escapeLog(line)}`)
    }
    case 'output':
      return [`wrote ${escapeLine(`${event.kind}: ${event.destination}`)}`]
    case 'step.end':
      return [endLine(step)]
    default:
      return []
  }
}

function endLine(step: StepState): string {
  if (step.outcome === 'cached') return 'CACHED'
  if (step.outcome === 'canceled') return 'CANCELED'
  if (step.outcome === 'failed') return `ERROR: ${escapeLine(step.error ?? 'failed')}`
  return `DONE ${showSeconds((step.ended ?? step.started) - step.started)}`
}
