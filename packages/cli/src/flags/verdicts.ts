import type { Verdict } from './spec.js'

type Judge = (value: string) => Verdict

const SERVED: Verdict = { verdict: 'served' }
const OFF = new Set(['false', '0', 'f', 'F', 'FALSE', 'False'])

/** Accepted, without effect here; `text` says why. */
export function note(text: string): Judge {
  return () => ({ verdict: 'note', text })
}

/** Not served; `text` says so and `hint` says what to do. */
export function refuse(text: string, hint?: string): Judge {
  return () => ({ verdict: 'refuse', text, ...(hint === undefined ? {} : { hint }) })
}

/** A switch that is switched off asks for nothing; on, it is judged by `judge`. */
export function unlessOff(judge: Judge): Judge {
  return (value) => (OFF.has(value) ? SERVED : judge(value))
}
