import type { FlagSpec, Verdict } from './spec.js'
import { note, refuse, unlessOff } from './verdicts.js'

const unlimited = note('no effect: of processes only memory and CPU time are limited')

function legacy(name: string, kind: FlagSpec['kind'], judge: (value: string) => Verdict): FlagSpec {
  return { name, kind, judge, hidden: true, summary: 'Flag of the classic builder', value: '…' }
}

/** One that does here what it did there, and so stands with the others. */
function limit(name: string, value: string, summary: string): FlagSpec {
  return { name, kind: 'text', value, summary, group: 'Processes' }
}

/** Flags of docker's classic builder that buildx still takes; it shows none of them. */
export const LEGACY_FLAGS: readonly FlagSpec[] = [
  legacy('compress', 'boolean', unlessOff(note('no effect: the context goes nowhere'))),
  legacy('rm', 'boolean', unlessOff(note('no effect: there are no intermediate containers'))),
  legacy('force-rm', 'boolean', unlessOff(note('no effect: there are no intermediate containers'))),
  legacy('security-opt', 'list', refuse('security options are not served')),
  legacy('squash', 'boolean', unlessOff(refuse('squashing layers is not served'))),
  {
    ...limit('memory', 'BYTES', 'Limit of memory for each RUN, such as 1g: --resource memory=1g'),
    short: 'm',
  },
  legacy('memory-swap', 'text', unlimited),
  {
    ...limit('cpu-shares', 'N', 'Weight of each RUN when CPU time is short: --resource cpu-shares=N'),
    short: 'c',
  },
  limit('cpu-period', 'MICROSECONDS', 'Period of --cpu-quota: --resource cpu-period=N'),
  limit('cpu-quota', 'MICROSECONDS', 'CPU time of each RUN in a period: --resource cpu-quota=N'),
  legacy('cpuset-cpus', 'text', unlimited),
  legacy('cpuset-mems', 'text', unlimited),
]
