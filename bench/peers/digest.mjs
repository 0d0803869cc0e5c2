// node digest.mjs LIST: checks files against a list in sha256sum's format, as
// a Node.js script would without nodeint.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

let files = 0;
for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  if (line === '') continue;
  const path = line.slice(66); // 64 digits and two spaces
  if (hash('sha256', readFileSync(path)) !== line.slice(0, 64)) {
    console.error(`${path}: differs`);
    process.exitCode = 1;
  }
  files++;
}
console.log(`${files} files`);
