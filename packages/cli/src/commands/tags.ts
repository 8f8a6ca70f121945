import type { Invocation } from '../invocation.js'
import { withRegistry } from '../registry/open-registry.js'
import { insecureHosts, referenceOf } from '../registry/typed-names.js'
import { renderTags } from '../render/tags.js'

/** `cooper tags NAME` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal, signal } = invocation
  const tags: string[] = []
  const name = await withRegistry(invocation, insecureHosts(invocation, operands), async (registry) => {
    const reference = await referenceOf(operands[0]!, registry.aliases)
    for await (const tag of registry.client.tags(reference, { signal })) tags.push(tag)
    return `${reference.domain}/${reference.path}`
  })
  await terminal.print(renderTags({ name, tags }, flags.text('format') === 'json'))
}
