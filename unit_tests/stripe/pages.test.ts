import { describe, expect, it } from 'vitest';
import type { Client, Request } from '../../src/stripe/client.js';
import { StripeError } from '../../src/stripe/errors.js';
import { fetchPage, type ListRequest } from '../../src/stripe/pages.js';

/** A client that answers every request with the same body, or throws it, and keeps the requests. */
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
    ['a page', request('/v1/x'), 'limit=100&status=all'],
    ['a page of a slice', request('/v1/x', { gte: 1, lte: 2 }), 'limit=100&status=all&created[gte]=1&created[lte]=2'],
    ['a page after an object', request('/v1/x', { after: 'a' }), 'limit=100&status=all&starting_after=a'],
    ['a list without pages', request('/v1/x', { paginates: false }), 'status=all'],
  ])('%s is requested with the parameters of API v1', async (_, list, query) => {
    const client = clientThatAnswers(v1);
    await fetchPage(client, list);
    expect(queryOf(client)).toBe(query);
  });

  it('a page of API v1 is followed by the page after its last object', async () => {
    const page = await fetchPage(clientThatAnswers(v1), request('/v1/x'));
    expect(page).toMatchObject({ hasMore: true, next: 'a' });
  });

  it('a page of API v1 has a next one if it says so, even if the list takes no limit', async () => {
    const page = await fetchPage(clientThatAnswers(v1), request('/v1/x', { paginates: false }));
    expect(page.hasMore).toBe(true);
  });

  it('an answer of API v1 that is not a list is an error', async () => {
    await expect(fetchPage(clientThatAnswers(v2), request('/v1/x'))).rejects.toThrow(/not a list/);
  });
});

describe('a page of API v2', () => {
  it('a page of API v2 is requested with times as text, up to the start of the first unwanted second', async () => {
    const client = clientThatAnswers(v2);
    await fetchPage(client, request('/v2/x', { gte: 1_763_650_000, lte: 1_763_650_009, after: 'page_1=' }));
    expect(queryOf(client)).toBe(
      'limit=20&status=all&created[gte]=2025-11-20T14:46:40.000Z&created[lt]=2025-11-20T14:46:50.000Z&page=page_1=',
    );
  });

  it('a page of API v2 is followed by the page whose token it contains', async () => {
    const page = await fetchPage(clientThatAnswers(v2), request('/v2/x'));
    expect(page).toEqual({ items: v2.data, hasMore: true, next: 'page_2=' });
  });

  it('a page of API v2 is the last one if it contains no URL of a next one', async () => {
    const page = await fetchPage(clientThatAnswers({ data: [], next_page_url: null }), request('/v2/x'));
    expect(page).toMatchObject({ items: [], hasMore: false });
  });

  it('a refused token of API v2 loses the place in the list, but a refusal without a token is a refusal', async () => {
    const client = clientThatAnswers(new StripeError('request', 'no'));
    await expect(fetchPage(client, request('/v2/x', { after: 'old' }))).rejects.toMatchObject({ kind: 'cursor' });
    await expect(fetchPage(client, request('/v2/x'))).rejects.toMatchObject({ kind: 'request' });
  });

  it('an answer of API v2 that is not a list is an error', async () => {
    await expect(fetchPage(clientThatAnswers({ error: 'x' }), request('/v2/x'))).rejects.toThrow(/not a list/);
  });
});

function queryOf({ asked }: { readonly asked: readonly Request[] }): string {
  return (asked.at(-1)?.params ?? []).map((pair) => pair.join('=')).join('&');
}
