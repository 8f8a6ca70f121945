#!/usr/bin/env node
// Compiled, this loads every module by itself; the build puts the bundle of ./start.js in its place.
import './start.js'
