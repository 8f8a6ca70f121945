/** A rule of the checks: what it is called, what it is about, where to read on. */
export interface CheckRule {
  readonly name: RuleName
  /** One sentence, for people. */
  readonly description: string
  /** A page about it; empty when there is none. */
  readonly url: string
  /** Judged only when `# check=experimental=` asks for it. */
  readonly experimental: boolean
}

/**
 * Names of all rules; those of BuildKit, so that `# check=skip=` means the same to both, and of our own: what builds here
 * and not there.
 */
export type RuleName =
  | 'ConsistentInstructionCasing'
  | 'CopyIgnoredFile'
  | 'DuplicateStageName'
  | 'ExposeInvalidFormat'
  | 'ExposeProtoCasing'
  | 'FromAsCasing'
  | 'FromPlatformFlagConstDisallowed'
  | 'InvalidBaseImagePlatform'
  | 'InvalidDefaultArgInFrom'
  | 'InvalidDefinitionDescription'
  | 'JSONArgsRecommended'
  | 'LegacyKeyValueFormat'
  | 'MaintainerDeprecated'
  | 'MultipleInstructionsDisallowed'
  | 'NoEmptyContinuation'
  | 'NotPortable'
  | 'RedundantTargetPlatform'
  | 'ReservedStageName'
  | 'SecretsUsedInArgOrEnv'
  | 'StageNameCasing'
  | 'UndefinedArgInFrom'
  | 'UndefinedVar'
  | 'WorkdirRelativePath'

const DESCRIPTIONS: Readonly<Record<RuleName, string>> = {
  ConsistentInstructionCasing: 'An instruction is written in another case than most of the file',
  CopyIgnoredFile: 'COPY or ADD names a file that .dockerignore leaves out',
  DuplicateStageName: 'Two stages have the same name',
  ExposeInvalidFormat: 'EXPOSE names an address or a port of the host',
  ExposeProtoCasing: 'The protocol in EXPOSE is not in lower case',
  FromAsCasing: 'AS is written in another case than its FROM',
  FromPlatformFlagConstDisallowed: 'FROM asks for one fixed platform',
  InvalidBaseImagePlatform: 'The base image is made for another platform than the stage',
  InvalidDefaultArgInFrom: 'Without build arguments, FROM names no valid image',
  InvalidDefinitionDescription: 'The comment above FROM or ARG does not describe it in the expected form',
  JSONArgsRecommended: 'CMD or ENTRYPOINT starts its program through a shell nobody chose',
  LegacyKeyValueFormat: 'ENV or LABEL is written without the equals sign',
  MaintainerDeprecated: 'MAINTAINER is deprecated',
  MultipleInstructionsDisallowed: 'An instruction has no effect because a later one of its kind replaces it',
  NoEmptyContinuation: 'An empty line stands inside an instruction',
  NotPortable: 'An instruction is served here and refused by BuildKit',
  RedundantTargetPlatform: 'FROM asks for the platform that it gets anyway',
  ReservedStageName: 'A stage has a name with a meaning of its own',
  SecretsUsedInArgOrEnv: 'The name of an ARG or ENV suggests that it holds a secret',
  StageNameCasing: 'The name of a stage is not in lower case',
  UndefinedArgInFrom: 'FROM uses an argument that is not declared above the first FROM',
  UndefinedVar: 'An instruction uses a variable that is not defined there',
  WorkdirRelativePath: 'The first WORKDIR depends on the one of the base image',
}

const EXPERIMENTAL: ReadonlySet<string> = new Set(['InvalidDefinitionDescription'])
/** Docker has no page about these: the second is ours. */
const WITHOUT_PAGE: ReadonlySet<string> = new Set(['InvalidBaseImagePlatform', 'NotPortable'])

/** Every rule, by name. */
export const RULES: ReadonlyMap<RuleName, CheckRule> = new Map(
  Object.entries(DESCRIPTIONS).map(([key, description]) => {
    const name = key as RuleName
    const url = WITHOUT_PAGE.has(name) ? '' : `https://docs.docker.com/go/dockerfile/rule/${kebab(name)}/`
    return [name, { name, description, url, experimental: EXPERIMENTAL.has(name) }]
  }),
)

/** `JSONArgsRecommended` is `json-args-recommended`: names of pages. */
export function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}
