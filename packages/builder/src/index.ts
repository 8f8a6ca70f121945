export { parseReference, type Reference } from '@cooperage/store'
export { type BuildHandle, build } from './build.js'
export type {
  BuildOptions,
  BuildResult,
  BuildStats,
  DockerfileText,
  NamedContext,
} from './build-options.js'
export { type CheckReport, type CheckWarning, checkDockerfile } from './check-dockerfile.js'
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
export { remoteContext } from './context/remote-context.js'
export type {
  ContextLoadOptions,
  ContextSource,
  ContextWarning,
  IgnoreText,
  LoadedContext,
} from './context/source.js'
export { type TarContextOptions, tarContext } from './context/tar-context.js'
export type { ParseOptions } from './dockerfile/parse.js'
export type * from './events.js'
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
export type { ArchiveOutput, FilesOutput, OutputSpec } from './outputs/output-spec.js'
export { parseOutput } from './outputs/parse-output.js'
export type { OutputResult } from './outputs/write-output.js'
export { parseDockerfile } from './parse-dockerfile.js'
export { type BaseImageReference, listBaseImages } from './plan/list-base-images.js'
export type { PlanWarning } from './plan/plan.js'
export type { RemoteOptions } from './remote/remote-options.js'
export type {
  Container,
  ContainerExit,
  ContainerLimits,
  ContainerMount,
  ContainerUser,
  OverlayStack,
  Rootfs,
} from './run/sandbox/container.js'
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
export { remoteKind } from './steps/remote-source.js'
export {
  type Environment,
  type Expansion,
  type ExpansionOptions,
  expandWord,
  expandWords,
} from './words/expand.js'
