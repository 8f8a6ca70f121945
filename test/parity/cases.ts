import { ARCHIVE_CASES } from './cases-archives.js'
import { BASE_CASES } from './cases-bases.js'
import { BASIC_CASES } from './cases-basic.js'
import { CONFIG_CASES } from './cases-config.js'
import { DIRECTORY_CASES } from './cases-directories.js'
import { ERROR_CASES } from './cases-errors.js'
import { EXPANSION_CASES } from './cases-expansion.js'
import { FILE_CASES } from './cases-files.js'
import { HEREDOC_CASES } from './cases-heredocs.js'
import { OWNER_CASES } from './cases-owners.js'
import { PARSER_CASES } from './cases-parser.js'
import { RUN_FAILURE_CASES } from './cases-run-failures.js'
import { RUN_FILE_CASES } from './cases-run-files.js'
import { RUN_FORM_CASES } from './cases-run-forms.js'
import { RUN_MOUNT_CASES } from './cases-run-mounts.js'
import { RUN_STAGE_CASES } from './cases-run-stages.js'
import { RUN_SURROUNDING_CASES } from './cases-run-surroundings.js'
import { RUN_USER_CASES } from './cases-run-users.js'
import { RUN_VARIABLE_CASES } from './cases-run-variables.js'
import { SELECTION_CASES } from './cases-selections.js'
import { STAGE_CASES } from './cases-stages.js'
import { UNPACKING_CASES } from './cases-unpacking.js'
import { WORD_CASES } from './cases-words.js'
import type { ParityCase } from './parity-case.js'
import { generate } from './random-cases.js'

/** The seed of the random cases whose answers are kept, and how many. */
const SEED = 7
const COUNT = 80

/** All cases by the file that keeps BuildKit's answers to them. */
export const CASE_GROUPS: Readonly<Record<string, readonly ParityCase[]>> = {
  basic: BASIC_CASES,
  bases: BASE_CASES,
  files: FILE_CASES,
  owners: OWNER_CASES,
  archives: ARCHIVE_CASES,
  words: WORD_CASES,
  expansion: EXPANSION_CASES,
  heredocs: HEREDOC_CASES,
  parser: PARSER_CASES,
  selections: SELECTION_CASES,
  unpacking: UNPACKING_CASES,
  config: CONFIG_CASES,
  stages: STAGE_CASES,
  directories: DIRECTORY_CASES,
  errors: ERROR_CASES,
  random: generate(SEED, COUNT),
}

/** Cases with RUN, which stand on images with programs. */
export const RUN_GROUPS: Readonly<Record<string, readonly ParityCase[]>> = {
  'run-forms': RUN_FORM_CASES,
  'run-variables': RUN_VARIABLE_CASES,
  'run-users': RUN_USER_CASES,
  'run-mounts': RUN_MOUNT_CASES,
  'run-surroundings': RUN_SURROUNDING_CASES,
  'run-files': RUN_FILE_CASES,
  'run-stages': RUN_STAGE_CASES,
  'run-failures': RUN_FAILURE_CASES,
}
