import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The store compiled from its sources as they are now, for tests whose subject is another process: one that is
 * killed, traced or limited. The entry can be imported by plain Node.
 */
export function compileStore(): { readonly entry: string; readonly directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'cooperage-compiled-'))
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  const source = join(root, 'packages/store/src')
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      rootDir: source,
      outDir: join(directory, 'out'),
      typeRoots: [join(root, 'node_modules/@types')],
      composite: false,
      incremental: false,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
      sourceMap: false,
      noCheck: true,
    },
    files: ['store.ts', 'testing/index.ts', 'registry/index.ts', 'registry/reference.ts'].map((file) =>
      join(source, file),
    ),
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', directory], {
    stdio: 'pipe',
  })
  return {
    entry: join(directory, 'out/store.js'),
    directory,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
