export { parseReference, type Reference } from '@cooperage/store'
export type { BuildRegistry, PullPolicy } from './base/base-image-options.js'
export { type BuildHandle, build } from './build.js'
export type {
  BuildOptions,
  BuildResult,
  BuildStats,
  BuiltImageResult,
  DockerfileText,
  NamedContext,
} from './build-options.js'
export type { CacheSource, CacheTarget, PlacedTarget } from './cache/shared/cache-option.js'
export { parseCacheSource, parseCacheTarget } from './cache/shared/parse-cache-option.js'
export { type CheckReport, type CheckWarning, checkDockerfile } from './check-dockerfile.js'
export { type CommitOptions, type CommitResult, commitFiles } from './commit-files.js'
export { type DirectoryOptions, directory } from './context/directory.js'
export {
  createIgnoreMatcher,
  type IgnoreExplanation,
  type IgnoreMatcher,
  type IgnoreMatcherOptions,
} from './context/ignore/create-ignore-matcher.js'
export type { IgnoredEntry, IgnoredListener } from './context/ignored-listener.js'
export {
  type ContextListing,
  type ListContextOptions,
  type ListedEntry,
  type ListedIgnored,
  type ListedTotals,
  listContext,
} from './context/list-context.js'
export { matchGlob } from './context/match-glob.js'
export { type MemoryFile, type MemoryFileOptions, memory } from './context/memory.js'
export { type RemoteContextOptions, remoteContext } from './context/remote-context.js'
export type {
  ContextLoadOptions,
  ContextSource,
  ContextWarning,
  IgnoreText,
  LoadedContext,
} from './context/source.js'
export { type TarContextOptions, tarContext } from './context/tar-context.js'
export type { ParseOptions } from './dockerfile/parse.js'
export { DOCKERFILE_NAMES } from './dockerfile-names.js'
export type * from './events.js'
export type { DifferentField, EntryFacts, PathDifference } from './image/diff-file-systems.js'
export { diffImages, type ImageLayer } from './image/diff-images.js'
export type { InspectOptions } from './inspect-options.js'
export type * from './instructions/commands.js'
export { type CheckRule, RULES, type RuleName } from './lint/rules.js'
export { type DockerfileTarget, listTargets } from './list-targets.js'
export { type BuildFile, openBuildFile } from './open-build-file.js'
export {
  type DockerfileOutline,
  type OutlineArg,
  type OutlineMount,
  outlineDockerfile,
} from './outline-dockerfile.js'
export type { Annotation, Annotations, AnnotationType } from './outputs/annotations.js'
export type {
  ArchiveOutput,
  CacheOnlyOutput,
  FilesOutput,
  FormedOutput,
  ImageOutput,
  OutputSpec,
} from './outputs/output-spec.js'
export { parseOutput } from './outputs/parse-output.js'
export type { OutputResult } from './outputs/write-output.js'
export { parseDockerfile } from './parse-dockerfile.js'
export { type BaseImageReference, listBaseImages } from './plan/list-base-images.js'
export type { PlanWarning } from './plan/plan.js'
export { registryEvents } from './remote/registry-events.js'
export type { RemoteOptions } from './remote/remote-options.js'
export type { EnterOptions, FailedRun } from './run/failed-run.js'
export { type OpenFailedRunOptions, openFailedRun } from './run/open-failed-run.js'
export type {
  ExtraHost,
  RunNetwork,
  RunOptions,
  RunResources,
  Ulimit,
} from './run/run-options.js'
export type * from './run/sandbox/container.js'
export type { Executor, ExecutorName, RunContainerOptions } from './run/sandbox/executor.js'
export type { FileAccess } from './run/sandbox/file-access.js'
export {
  chooseExecutor,
  type ExecutorReport,
  type ExecutorSearch,
  type Isolation,
  probeExecutors,
} from './run/sandbox/probe/choose-executor.js'
export { describeHost, type HostDescription } from './run/sandbox/probe/describe-host.js'
export type { ExecutorFailure } from './run/sandbox/probe/remedy.js'
export { treeRemover } from './run/tree-remover.js'
export { openSecrets } from './secrets/open-secrets.js'
export { openSsh, type SshAgent, type SshSource } from './secrets/open-ssh.js'
export { parseSecret, type SecretSpec } from './secrets/parse-secret.js'
export { parseSsh, type SshSpec } from './secrets/parse-ssh.js'
export type { Secret, SecretLoader } from './secrets/secret.js'
export { secretEnv } from './secrets/secret-env.js'
export { secretFile } from './secrets/secret-file.js'
export type { SecretSource } from './secrets/secret-source.js'
export { remoteKind } from './steps/remote-source.js'
export {
  type Environment,
  type Expansion,
  type ExpansionOptions,
  expandWord,
  expandWords,
} from './words/expand.js'
