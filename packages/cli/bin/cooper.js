#!/usr/bin/env node
// Not the built file itself: npm links a command when it installs, which in a fresh clone is before the build.
import '../dist/bin.js'
