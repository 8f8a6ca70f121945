import { CooperageError, fromUtf8 } from '@cooperage/store'
import { selectSources } from '../context/select-sources.js'
import type { CopyOperation } from '../plan/plan.js'
import type { CopyItem } from './copy-into.js'
import type { CopySourceTree } from './copy-source.js'
import type { StepContext } from './step.js'

/** What a COPY takes: its sources found in their tree, wildcards resolved, then its here-documents as files. */
export async function selectItems(
  operation: CopyOperation,
  context: StepContext & { readonly source: CopySourceTree },
): Promise<CopyItem[]> {
  const { environment, source } = context
  const items: CopyItem[] = []
  if (operation.sources.length > 0) {
    const tree = await source.tree()
    try {
      const { parents, excludes } = operation
      for (const item of selectSources(tree, operation.sources, { parents, excludes })) items.push(item)
    } catch (error) {
      throw explained(error, source)
    }
  }
  for (const { name, content } of operation.inline) {
    const bytes = Buffer.from(content)
    const meta = { mode: 0o644, uid: 0, gid: 0, mtime: environment.epoch ?? environment.now }
    const node = { type: 'file', meta, size: bytes.length, content: { kind: 'bytes', bytes } } as const
    items.push({ path: fromUtf8(`/${name}`), node })
  }
  return items
}

function explained(error: unknown, source: CopySourceTree): unknown {
  if (!(error instanceof CooperageError) || error.code !== 'E_COPY_NOT_FOUND') return error
  const missing = source.explainMissing?.(String(error.data.path))
  if (missing === undefined) return error
  const { why, hint } = missing
  return new CooperageError(error.code, `${error.message}: ${why}`, {
    hint,
    data: { ...error.data, why },
  })
}
