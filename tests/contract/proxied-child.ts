// One request as the keeper makes it, for oidc-trust.test.ts: prints `answered`, or what root would be told.
import { askUrl } from '../../src/adapters/hooks/url.ts';
import { webhookCarrier } from '../../src/adapters/notices/webhook.ts';
import { openTransport } from '../../src/adapters/oidc-transport.ts';
import { readCaFile } from '../../src/config/ca-file.ts';
import type { Notice } from '../../src/core/notice.ts';
import { providerFault } from '../../src/core/provider-fault.ts';

const [way, url = '', caFile = ''] = process.argv.slice(2);
const limitMs = 5_000;
const signal = AbortSignal.timeout(limitMs);

async function provider(ca: readonly string[] | undefined): Promise<string> {
  const asked = {
    method: 'GET',
    headers: { accept: 'application/json' },
    body: undefined,
    redirect: 'manual',
  } as const;
  return openTransport(ca)(url, { ...asked, signal }).then(
    () => 'answered',
    (error: unknown) => providerFault(error).say,
  );
}

async function webhook(): Promise<string> {
  const notice = {
    event: 'withdrawn',
    request: 'R1',
    host: 'prod-box',
    session: 'prod-db',
    by: 'alice',
  } as unknown as Notice;
  const outcome = await webhookCarrier({ webhook: url, format: 'json' }).carry(notice, signal);
  return outcome === 'arrived' ? 'answered' : outcome.problem;
}

const hook = async (): Promise<string> =>
  askUrl(url, undefined, '{}', limitMs).then(
    () => 'answered',
    (error: unknown) => (error as Error).message,
  );

const ways: Readonly<Record<string, () => Promise<string>>> = {
  provider: async () => provider(undefined),
  trusting: async () => provider(await readCaFile(caFile)),
  webhook,
  hook,
};

process.stdout.write(`${(await ways[way ?? '']?.()) ?? 'unknown'}\n`);
