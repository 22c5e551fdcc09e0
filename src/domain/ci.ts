/** Whether this runs for a build, where no person is at work in the checkout: `CI` is set, as every service sets it. */
export function inCi(env: NodeJS.ProcessEnv): boolean {
  return !/^(|0|false|no|off)$/i.test(env.CI ?? "");
}
