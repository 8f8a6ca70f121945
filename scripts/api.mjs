// Writes the public surface of every package entry to etc/<entry>.api.md, or, with --check, compares it.
// A change of the surface is then a change of a file that a reviewer reads.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { root } from './steps.mjs'

const check = process.argv.includes('--check')
const silent = { default: { logLevel: 'none' } }

/** Every entry that a package.json exports with types: [package folder, report name, path of the .d.ts]. */
function entries() {
  return ['store', 'builder', 'cli'].flatMap((name) => {
    const folder = join(root, 'packages', name)
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return Object.entries(exports)
      .filter(([, target]) => typeof target === 'object')
      .map(([path, target]) => ({
        folder,
        report: [name, ...path.split('/').slice(1)].join('-'),
        types: join(folder, target.types),
      }))
  })
}

function report({ folder, report, types }, temporary) {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      bundledPackages: [],
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFileName: `${report}.api.md`,
        reportFolder: join(root, 'etc'),
        reportTempFolder: temporary,
        // A type that a signature names without exporting it is part of the surface all the same.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
  })
  return Extractor.invoke(config, {
    localBuild: !check,
    messageCallback(message) {
      if (message.logLevel !== 'error' || message.messageId.startsWith('console-')) message.handled = true
    },
  })
}

const temporary = mkdtempSync(join(tmpdir(), 'cooperage-api-'))
mkdirSync(join(root, 'etc'), { recursive: true })
let failed = 0
for (const entry of entries()) {
  if (!existsSync(entry.types)) {
    console.log(`${entry.report}: ${relative(root, entry.types)} is exported and was not built`)
    failed += 1
    continue
  }
  const result = report(entry, temporary)
  const changed = result.apiReportChanged
  if (result.errorCount > 0 || (check && changed)) failed += 1
  console.log(
    `${entry.report}: ${changed ? (check ? 'changed, run npm run api and read the difference' : 'renewed') : 'unchanged'}`,
  )
}
rmSync(temporary, { recursive: true })
process.exitCode = failed === 0 ? 0 : 1
