import type {Reporter, TestCase, TestModule, TestSuite} from 'vitest/node';

/** Says at the end of a run which tests were skipped; their names, or those of their suites, say why. */
export default class SkippedTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const reason = reasonOf(test);
        if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    if (counts.size === 0) return;
    console.log('Skipped:');
    for (const [reason, count] of counts) console.log(`  ${count === 1 ? '1 test ' : `${count} tests`}  ${reason}`);
    console.log('');
  }
}

/** The outermost skipped suite around a test, or the test itself; nothing when `-t` or `only` left it out. */
function reasonOf(test: TestCase): string | undefined {
  let outermost: TestCase | TestSuite | undefined;
  for (let at: TestCase | TestSuite | TestModule = test; at.type !== 'module'; at = at.parent) {
    if (at.options.mode === 'skip') outermost = at;
  }
  return outermost && `${test.module.relativeModuleId}: ${outermost.fullName}`;
}
