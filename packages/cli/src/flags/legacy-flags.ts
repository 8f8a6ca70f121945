import type { FlagSpec, Verdict } from './spec.js'
import { note, refuse, unlessOff } from './verdicts.js'

const unlimited = note('no effect: of processes only memory and CPU time are limited')
const served = (): Verdict => ({ verdict: 'served' })

function legacy(name: string, kind: FlagSpec['kind'], judge: (value: string) => Verdict): FlagSpec {
  return { name, kind, judge, hidden: true, summary: 'Flag of the classic builder', value: '…' }
}

/** Flags of docker's classic builder that buildx still understands without showing them. */
export const LEGACY_FLAGS: readonly FlagSpec[] = [
  legacy('compress', 'boolean', unlessOff(note('no effect: the context goes nowhere'))),
  legacy('rm', 'boolean', unlessOff(note('no effect: there are no intermediate containers'))),
  legacy('force-rm', 'boolean', unlessOff(note('no effect: there are no intermediate containers'))),
  legacy('security-opt', 'list', refuse('security options are not served')),
  legacy('squash', 'boolean', unlessOff(refuse('squashing layers is not served'))),
  { ...legacy('memory', 'text', served), short: 'm' },
  legacy('memory-swap', 'text', unlimited),
  { ...legacy('cpu-shares', 'text', served), short: 'c' },
  legacy('cpu-period', 'text', served),
  legacy('cpu-quota', 'text', served),
  legacy('cpuset-cpus', 'text', unlimited),
  legacy('cpuset-mems', 'text', unlimited),
]
