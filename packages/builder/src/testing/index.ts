export { type BenchOptions, type BenchResult, type BenchRun, ExecutorBench } from './executor-bench.js'
export type { ExecutorCheck } from './executor-check.js'
export { executorChecks } from './executor-suite.js'
