// node nft.mjs DIRECTORY OUT ENTRY...: what @vercel/nft, installed in DIRECTORY,
// takes the entries to need, as paths relative to the working directory, one a
// line, written to OUT.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [directory, out, ...entries] = process.argv.slice(2);
const { nodeFileTrace } = createRequire(join(directory, 'package.json'))('@vercel/nft');

const root = process.cwd();
const { fileList } = await nodeFileTrace(entries, { base: root, processCwd: root });
writeFileSync(out, [...fileList].map((path) => path + '\n').join(''));
