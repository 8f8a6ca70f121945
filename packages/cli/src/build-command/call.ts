import { CooperageError } from '@cooperage/store/errors'
import type { FlagValues } from '../flags/parse.js'

/** What to do with a Dockerfile in place of building it. */
export interface Call {
  readonly method: 'check' | 'outline' | 'targets'
  readonly format: 'text' | 'json'
}

const METHODS = ['build', 'check', 'outline', 'targets'] as const

/** What --call and --check ask for: `METHOD[,format=text|json]`; undefined for a build. @throws E_CLI */
export function callOf(flags: FlagValues): Call | undefined {
  const asked = flags.text('call')
  const [name = '', ...settings] = (asked ?? (flags.on('check') ? 'check' : 'build')).split(',')
  const method = METHODS.find((one) => one === name)
  if (method === undefined) throw invalid(asked, `choose one of ${METHODS.join(', ')}`)
  let format: Call['format'] = 'text'
  for (const setting of settings) {
    const [key, value] = setting.split('=', 2)
    if (key !== 'format' || (value !== 'text' && value !== 'json')) {
      throw invalid(asked, 'after the name may stand ,format=text or ,format=json')
    }
    format = value
  }
  if (flags.on('check') && method !== 'check') {
    throw new CooperageError('E_CLI', `--check and --call=${name} ask for different things`)
  }
  return method === 'build' ? undefined : { method, format }
}

function invalid(asked: string | undefined, hint: string): CooperageError {
  return new CooperageError('E_CLI', `--call cannot be ${JSON.stringify(asked)}`, {
    hint,
    data: { choices: METHODS },
  })
}
