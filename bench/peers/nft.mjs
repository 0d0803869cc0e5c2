// node nft.mjs FOLDER OUT ENTRY...: what @vercel/nft, installed in FOLDER,
// takes the entries to need, as paths relative to the working folder, one a
// line, written to OUT.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, out, ...entries] = process.argv.slice(2);
const { nodeFileTrace } = createRequire(join(folder, 'package.json'))('@vercel/nft');

const root = process.cwd();
const { fileList } = await nodeFileTrace(entries, { base: root, processCwd: root });
writeFileSync(out, [...fileList].map((path) => path + '\n').join(''));
