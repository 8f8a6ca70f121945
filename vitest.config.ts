import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Tests of one package read the sources of the others, so that a test never judges a stale build.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@cooperage\/store\/errors$/, replacement: source('packages/store/src/errors.ts') },
      { find: /^@cooperage\/store\/http$/, replacement: source('packages/store/src/http/index.ts') },
      { find: /^@cooperage\/store\/registry$/, replacement: source('packages/store/src/registry/index.ts') },
      { find: /^@cooperage\/store\/testing$/, replacement: source('packages/store/src/testing/index.ts') },
      {
        find: /^@cooperage\/builder\/testing$/,
        replacement: source('packages/builder/src/testing/index.ts'),
      },
      { find: /^@cooperage\/(store|builder|cli)$/, replacement: source('packages/$1/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Many wait for other programs, so that one worker less than there are processors, the default, leaves some idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Files share what they import: to load our sources for each anew took longer than to run it.
    isolate: false,
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
