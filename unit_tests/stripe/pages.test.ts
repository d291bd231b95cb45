import { describe, expect, it } from 'vitest';
import type { Client, Request } from '../../src/stripe/client.js';
import { StripeError } from '../../src/stripe/errors.js';
import { fetchPage, type ListRequest } from '../../src/stripe/pages.js';

/** A client that answers every request with the same body, or throws it, and keeps what it was asked. */
function clientThatAnswers(answer: unknown): Client & { readonly asked: Request[] } {
  const asked: Request[] = [];
  const get = async (request: Request): Promise<unknown> => {
    asked.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, get, requests: () => asked.length, delayMs: () => 0, stripeTime: () => undefined };
}

function request(path: string, more: Partial<ListRequest> = {}): ListRequest {
  return { path, endpoint: path, params: [['status', 'all']], ...more };
}

const v1 = { object: 'list', data: [{ id: 'a', object: 'x' }], has_more: true };
const v2 = { data: [{ id: 'a', object: 'x' }], next_page_url: '/v2/core/events?limit=20&page=page_2%3D' };

describe('a page of API v1', () => {
  it.each<[string, ListRequest, string]>([
    ['the largest page', request('/v1/x'), 'limit=100&status=all'],
    ['a stretch', request('/v1/x', { gte: 1, lte: 2 }), 'limit=100&status=all&created[gte]=1&created[lte]=2'],
    ['what comes after an object', request('/v1/x', { after: 'a' }), 'limit=100&status=all&starting_after=a'],
    ['a list without pages', request('/v1/x', { paginates: false }), 'status=all'],
  ])('is asked for %s', async (_, list, query) => {
    const client = clientThatAnswers(v1);
    await fetchPage(client, list);
    expect(queryOf(client)).toBe(query);
  });

  it('is followed by what comes after its last object', async () => {
    const page = await fetchPage(clientThatAnswers(v1), request('/v1/x'));
    expect(page).toMatchObject({ hasMore: true, next: 'a' });
  });

  it('has a next one when it says so, also where the list takes no limit: nothing is left out in silence', async () => {
    const page = await fetchPage(clientThatAnswers(v1), request('/v1/x', { paginates: false }));
    expect(page.hasMore).toBe(true);
  });

  it('is not anything else', async () => {
    await expect(fetchPage(clientThatAnswers(v2), request('/v1/x'))).rejects.toThrow(/not a list/);
  });
});

describe('a page of API v2', () => {
  it('is asked for with times as text, up to the start of the second that is not wanted any more', async () => {
    const client = clientThatAnswers(v2);
    await fetchPage(client, request('/v2/x', { gte: 1_763_650_000, lte: 1_763_650_009, after: 'page_1=' }));
    expect(queryOf(client)).toBe(
      'limit=20&status=all&created[gte]=2025-11-20T14:46:40.000Z&created[lt]=2025-11-20T14:46:50.000Z&page=page_1=',
    );
  });

  it('is followed by the one whose token Stripe gives', async () => {
    const page = await fetchPage(clientThatAnswers(v2), request('/v2/x'));
    expect(page).toEqual({ items: v2.data, hasMore: true, next: 'page_2=' });
  });

  it('is the last one when Stripe gives no URL of a next one', async () => {
    const page = await fetchPage(clientThatAnswers({ data: [], next_page_url: null }), request('/v2/x'));
    expect(page).toMatchObject({ items: [], hasMore: false });
  });

  it('has lost its place when Stripe refuses the token, and is refused when there is none', async () => {
    const client = clientThatAnswers(new StripeError('request', 'no'));
    await expect(fetchPage(client, request('/v2/x', { after: 'old' }))).rejects.toMatchObject({ kind: 'cursor' });
    await expect(fetchPage(client, request('/v2/x'))).rejects.toMatchObject({ kind: 'request' });
  });

  it('is not anything else', async () => {
    await expect(fetchPage(clientThatAnswers({ error: 'x' }), request('/v2/x'))).rejects.toThrow(/not a list/);
  });
});

function queryOf({ asked }: { readonly asked: readonly Request[] }): string {
  return (asked.at(-1)?.params ?? []).map((pair) => pair.join('=')).join('&');
}
