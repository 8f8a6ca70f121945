import { styleText } from 'node:util'
import type { BuildEvent } from '@cooperage/builder'
import { escapeLine, escapeLog } from './escape.js'
import { warningLine } from './plain.js'
import type { ProgressView } from './progress.js'
import { showBytes, showSeconds } from './quantities.js'
import { StepBoard, type StepState } from './step-board.js'

export interface Screen {
  write(text: string): void
  /** In characters; asked for at every frame, for a window changes its size. */
  size(): { readonly columns: number; readonly rows: number }
  /** False where NO_COLOR asks for none. */
  readonly colour: boolean
  /** Milliseconds since 1970. */
  now(): number
  /** What is under way: the first line says it. */
  readonly heading: string
}

interface Line {
  readonly text: string
  readonly time?: string
  readonly style?: 'blue' | 'cyan' | 'red' | 'yellow' | 'dim'
}

const FRAME = 100

/** A list of the steps that is drawn anew in place, ten times a second, while the build runs. */
export function ttyView(screen: Screen): ProgressView {
  const board = new StepBoard()
  const warnings: string[] = []
  const started = screen.now()
  let drawn = 0
  let over = false
  let resting = false
  const timer = setInterval(() => {
    if (!resting) draw()
  }, FRAME)
  timer.unref()

  const draw = (last?: 'done' | 'failed'): void => {
    const { columns, rows } = screen.size()
    const lines = [
      heading(screen, { board, elapsed: screen.now() - started, last }),
      ...stepLines(board, screen.now()),
    ]
    if (last) lines.push(...warnings.map((text): Line => ({ text, style: 'yellow' })))
    // What scrolled out of the window could not be drawn over: only the end is shown until the last frame.
    const shown = last ? lines : [lines[0]!, ...fit(lines.slice(1), rows - 2)]
    const up = drawn > 0 ? `\x1b[${drawn}A\r` : ''
    const width = (line: Line): number =>
      last && line.time === undefined ? Number.POSITIVE_INFINITY : columns
    const body = shown.map((line) => `${paint(line, width(line), screen.colour)}\x1b[K\n`).join('')
    // Without line wrapping (DECAWM) every line takes one row, however wide its characters are. What stays may wrap.
    screen.write(last ? `${up}${body}\x1b[J` : `\x1b[?7l${up}${body}\x1b[J\x1b[?7h`)
    drawn = shown.length
  }

  return {
    event(event: BuildEvent): void {
      resting = false
      board.take(event)
      if (event.type === 'warning') warnings.push(warningLine(event))
    },
    rest(): void {
      if (!resting) draw()
      resting = true
      // What stands on the screen now is not ours to draw over.
      drawn = 0
    },
    end(outcome): void {
      if (over) return
      over = true
      clearInterval(timer)
      draw(outcome)
    },
  }
}

function heading(
  screen: Screen,
  how: { readonly board: StepBoard; readonly elapsed: number; readonly last: 'done' | 'failed' | undefined },
): Line {
  const { board, elapsed, last } = how
  const state = last === undefined ? '' : last === 'done' ? 'FINISHED' : 'FAILED'
  return {
    text: `[+] ${screen.heading} ${showSeconds(elapsed)} (${board.finished}/${board.total}) ${state}`.trimEnd(),
  }
}

function* stepLines(board: StepBoard, now: number): Generator<Line> {
  for (const step of board.steps) {
    const time = showSeconds((step.ended ?? now) - step.started)
    const mark = step.outcome === 'cached' ? 'CACHED ' : step.outcome === 'canceled' ? 'CANCELED ' : ''
    yield { text: ` => ${mark}${escapeLine(step.name)}`, time, style: styleOf(step) }
    for (const progress of step.progress.values()) {
      const show = (count: number): string => (progress.unit === 'bytes' ? showBytes(count) : `${count}`)
      const total = progress.total === undefined ? '' : ` / ${show(progress.total)}`
      const unit = progress.unit === 'files' ? ' files' : ''
      yield {
        text: ` => => ${escapeLine(progress.id)} ${show(progress.current)}${total}${unit}`,
        time: showSeconds(progress.at - progress.since),
        style: 'dim',
      }
    }
    if (step.outcome === undefined || step.outcome === 'failed') {
      for (const line of step.tail) yield { text: ` => => # ${escapeLog(line)}`, style: 'dim' }
    }
    if (step.error !== undefined) yield { text: ` => => ERROR: ${escapeLine(step.error)}`, style: 'red' }
  }
}

function styleOf(step: StepState): NonNullable<Line['style']> {
  if (step.outcome === 'failed') return 'red'
  if (step.outcome === 'canceled') return 'yellow'
  return step.outcome === undefined ? 'cyan' : 'blue'
}

function fit(lines: readonly Line[], rows: number): readonly Line[] {
  return rows < 1 ? [] : lines.slice(-rows)
}

function paint(line: Line, columns: number, colour: boolean): string {
  const time = line.time ?? ''
  const room = Math.max(1, columns - time.length - (time === '' ? 0 : 1))
  const characters = [...line.text]
  const text =
    characters.length > room ? `${characters.slice(0, Math.max(0, room - 1)).join('')}…` : line.text
  const padded =
    time === '' ? text : `${text}${' '.repeat(Math.max(1, columns - [...text].length - time.length))}${time}`
  // The stream was judged before: this text goes to a terminal, whatever stdout is.
  return colour && line.style ? styleText(line.style, padded, { validateStream: false }) : padded
}
