// Loads the grid of a large ring and turns it into arrays of numbers, so that the page itself never waits for a parser.

const CODES = { '.': 0, '+': 1, '?': 2, '~': 3, x: 4 };
const VALUES = [
  'latency_seconds',
  'round_trip_time_p95_seconds',
  'loss_ratio',
  'interarrival_jitter_seconds',
  'download_bits_per_second',
  'upload_bits_per_second',
  'hops',
  'age_seconds',
];

async function load(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000), cache: 'no-cache' });
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) {
    return { status: response.status, message: body?.error ?? `the answer has the status ${response.status}` };
  }
  try {
    return { status: response.status, grid: pack(body) };
  } catch (error) {
    return { status: response.status, message: `the answer is not understood: ${error.message}` };
  }
}

function pack({ states, ...body }) {
  const [rows, columns] = [body.sources.length, body.targets.length];
  const cells = new Uint8Array(rows * columns);
  states.forEach((row, y) => {
    for (let x = 0; x < columns; x++) cells[y * columns + x] = CODES[row[x]] ?? 0;
  });
  const values = {};
  for (const name of VALUES) {
    if (!body[name]) continue;
    const packed = new Float32Array(rows * columns);
    body[name].forEach((row, y) => {
      for (let x = 0; x < columns; x++) packed[y * columns + x] = row[x] ?? NaN;
    });
    values[name] = packed;
    delete body[name];
  }
  return { ...body, cells, values };
}

self.onmessage = async ({ data: { id, url } }) => {
  let answer;
  try {
    answer = await load(url);
  } catch (error) {
    answer = { lost: String(error) };
  }
  const buffers = answer.grid ? [answer.grid.cells.buffer, ...Object.values(answer.grid.values).map((v) => v.buffer)] : [];
  self.postMessage({ id, ...answer }, buffers);
};
