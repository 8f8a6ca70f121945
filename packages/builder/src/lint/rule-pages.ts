import { RULE_TEXTS } from './rule-texts.js'
import { type CheckRule, kebab, RULES } from './rules.js'

const MARK = '<!-- Made by scripts/checks-pages.mjs of packages/builder/src/lint/rule-texts.ts. -->'

/** All pages of docs/checks by their file names: one for each rule, and README.md that lists them. */
export function rulePages(): ReadonlyMap<string, string> {
  const rules = [...RULES.values()]
  return new Map([
    ['README.md', listOf(rules)],
    ...rules.map((rule) => [pageName(rule), pageOf(rule)] as const),
  ])
}

function pageName({ name }: CheckRule): string {
  return `${kebab(name)}.md`
}

function listOf(rules: readonly CheckRule[]): string {
  const rows = rules.map((rule) => {
    const remark = rule.experimental ? ' (experimental)' : ''
    return `| [${rule.name}](${pageName(rule)}) | ${rule.description}${remark} |`
  })
  return [
    '# Checks',
    '',
    MARK,
    '',
    'A build prints what these rules find as warnings; `cooper build --check` prints it without building, and exits with 1 when there',
    'is anything. The rules and their names are those of BuildKit; NotPortable is our own. A Dockerfile chooses among them:',
    '',
    '- `# check=skip=RULE,RULE` or `# check=skip=all` among the first lines leaves rules out of the whole file;',
    '- the same comment right above an instruction leaves them out there, and the rest of that line is free for the reason;',
    '- `# check=error=true` fails a build that finds something; `;` joins the two: `# check=skip=RULE;error=true`;',
    '- `# check=experimental=RULE` or `=all` adds rules that are experimental;',
    '- `--build-arg BUILDKIT_DOCKERFILE_CHECK=…` stands in for what the first lines say.',
    '',
    'NoEmptyContinuation and ConsistentInstructionCasing judge the file as a whole: a comment above one instruction does not reach them.',
    '',
    '| rule | what it finds |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function pageOf(rule: CheckRule): string {
  const { why, bad, good, ignore } = RULE_TEXTS[rule.name]
  const control = rule.experimental
    ? `To have it judged, write \`# check=experimental=${rule.name}\``
    : `To leave the rule out, write \`# check=skip=${rule.name}\``
  return [
    `# ${rule.name}`,
    '',
    MARK,
    '',
    `${rule.description}.${rule.experimental ? ' Experimental: judged only when the file asks for it.' : ''}`,
    '',
    why,
    '',
    ...(ignore === undefined ? [] : ['With this `.dockerignore`:', '', ...fenced(ignore, 'gitignore')]),
    'Reported:',
    '',
    ...fenced(bad, 'dockerfile'),
    'Not reported:',
    '',
    ...fenced(good, 'dockerfile'),
    `${control} at the top of the file; [the list of checks](README.md) tells more.`,
    ...(rule.url === '' ? [] : ['', `Docker's own page: <${rule.url}>`]),
    '',
  ].join('\n')
}

function fenced(text: string, language: string): string[] {
  return [`\`\`\`${language}`, text.trimEnd(), '```', '']
}
