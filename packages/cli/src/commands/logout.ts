import { forgetCredential } from '@cooperage/store/registry'
import type { Invocation } from '../invocation.js'
import { registryHost } from '../registry/registry-host.js'
import { escapeLine } from '../render/escape.js'

/** `cooper logout [REGISTRY]`; one that nobody was logged in to is no error, as for docker. */
export async function run(invocation: Invocation): Promise<void> {
  const { operands, terminal, env, signal } = invocation
  const host = registryHost(operands[0])
  const uid = process.getuid?.()
  const places = await forgetCredential(host, {
    environment: env,
    signal,
    ...(uid === undefined ? {} : { uid }),
  })
  if (places.length === 0) return terminal.print(`Not logged in to ${host}\n`)
  for (const { file, helper } of places) {
    const by = helper === undefined ? '' : ` and with docker-credential-${helper}`
    await terminal.print(`Removed the credentials for ${host} in ${escapeLine(file)}${by}\n`)
  }
}
