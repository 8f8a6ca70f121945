import { Complaint } from '../dockerfile/complaint.js'
import type { KeyValue } from './commands.js'
import { type Request, refuseFlags, requireArguments } from './request.js'

/** The pairs of ENV and LABEL. */
export function keyValues(request: Request): readonly KeyValue[] {
  refuseFlags(request)
  requireArguments(request)
  const pairs: KeyValue[] = []
  for (let at = 0; at < request.args.length; at += 3) {
    const [key = '', value = '', separator = ''] = request.args.slice(at, at + 3)
    if (key === '') throw blankName(request.name)
    pairs.push({ key, value, legacy: separator === '' })
  }
  return pairs
}

/** The complaint about `=value` without a name. */
export function blankName(instruction: string): Complaint {
  return new Complaint('E_DF_SYNTAX', `${instruction} names can not be blank`, {
    hint: 'write a name before the "="',
  })
}
