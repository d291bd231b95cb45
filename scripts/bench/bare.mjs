// The least that any connector must do: get a page, parse it, serialise each record, write it. Nothing is lost here only
// because nothing goes wrong: no retries, no limits, no state, no statuses.
import { once } from 'node:events';
import http from 'node:http';
import axios from 'axios';

const [base, key] = process.argv.slice(2);
const client = axios.create({
  baseURL: base,
  headers: { Authorization: `Bearer ${key}` },
  httpAgent: new http.Agent({ keepAlive: true }),
  responseType: 'text',
  transformResponse: (text) => text,
});

let after = '';
for (let more = true; more; ) {
  const { data } = await client.get(`/v1/charges?limit=100&expand[]=data.refunds${after}`);
  const page = JSON.parse(data);
  for (const record of page.data) {
    const line = JSON.stringify({
      type: 'RECORD',
      record: { stream: 'charges', data: record, emitted_at: Date.now() },
    });
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  }
  more = page.has_more;
  after = `&starting_after=${page.data.at(-1)?.id}`;
}
