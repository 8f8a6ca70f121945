// npm run build: a fresh clone to packages/*/dist.
import { build, install } from './steps.mjs'

install()
build()
