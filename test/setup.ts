import { afterAll } from 'vitest'
import { endFile } from './end-of-file.js'

// Run for each file, though what files import is shared.
afterAll(endFile)
