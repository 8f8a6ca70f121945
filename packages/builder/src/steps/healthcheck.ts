import type { Healthcheck } from '@cooperage/store'
import type { HealthcheckCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { formatGoDuration, formatGoList } from './go-format.js'

/** HEALTHCHECK: the last one wins, as a whole. */
export function healthcheck(command: HealthcheckCommand): Effect {
  const { test, interval, timeout, startPeriod, startInterval, retries } = command
  const check: Healthcheck = { Test: [...test] }
  if (interval !== 0) check.Interval = interval
  if (timeout !== 0) check.Timeout = timeout
  if (startPeriod !== 0) check.StartPeriod = startPeriod
  if (startInterval !== 0) check.StartInterval = startInterval
  if (retries !== 0) check.Retries = retries
  const fields = [
    `Test:${formatGoList(test)}`,
    `Interval:${formatGoDuration(interval)}`,
    `Timeout:${formatGoDuration(timeout)}`,
    `StartPeriod:${formatGoDuration(startPeriod)}`,
    `StartInterval:${formatGoDuration(startInterval)}`,
    `Retries:${retries}`,
  ]
  return { config: { Healthcheck: check }, history: `HEALTHCHECK {${fields.join(' ')}}` }
}
