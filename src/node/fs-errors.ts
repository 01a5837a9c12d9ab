/** The code that Node gives a file system error, such as `ENOENT`; empty for other errors. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? '';

/** What `action` gives; undefined when it fails with one of these codes. Other errors are thrown. */
export async function undefinedOn<T>(codes: readonly string[], action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (codes.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** What `action` gives; undefined when it fails. For work that is welcome but not owed, such as tidying up. */
export const ifPossible = <T>(action: Promise<T>): Promise<T | undefined> => action.catch(() => undefined);
