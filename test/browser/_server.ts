import {readFile} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import {extname, join, normalize} from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A page that is served, and how to stop serving it. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves files from `folders` (the first path segment names one) and `page` at the root, on a free local port.
 *
 * @param headers Sent with everything, such as a policy.
 */
export async function serve(
  page: string,
  folders: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const server: Server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const [, name = '', ...rest] = path.split('/');
    const folder = folders[name];
    try {
      const body = path === '/' || folder === undefined ? page : await readFile(join(folder, ...rest));
      const type = TYPES[folder === undefined ? '.html' : extname(path)] ?? 'text/plain';
      response.writeHead(200, {...headers, 'content-type': type});
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
