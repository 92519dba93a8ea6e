import { describe, expect, it } from 'vitest';
import { contentText, type McpContent } from '../../../src/call/tools/mcp-content.js';

// Kinds of content: https://modelcontextprotocol.io/specification/2025-06-18/server/tools#tool-result

describe('contentText', () => {
  it.each<[string, McpContent, string]>([
    ['one text', { content: [{ type: 'text', text: 'free' }] }, 'free'],
    [
      'texts',
      {
        content: [
          { type: 'text', text: 'free' },
          { type: 'text', text: 'at nine' },
        ],
      },
      'free\nat nine',
    ],
    [
      'an image',
      { content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }] },
      '[image/png, 3 bytes: cannot be told on the phone]',
    ],
    [
      'a sound',
      { content: [{ type: 'audio', mimeType: 'audio/wav', data: 'AAAAAAAA' }] },
      '[audio/wav, 6 bytes: cannot be told on the phone]',
    ],
    [
      'a resource with text',
      { content: [{ type: 'resource', resource: { uri: 'file:///a', text: 'hours' } }] },
      'hours',
    ],
    [
      'a resource without',
      { content: [{ type: 'resource', resource: { uri: 'file:///a.pdf', mimeType: 'application/pdf' } }] },
      '[application/pdf at file:///a.pdf]',
    ],
    ['a link', { content: [{ type: 'resource_link', uri: 'file:///a', name: 'hours' }] }, '[hours at file:///a]'],
    ['a kind it does not know', { content: [{ type: 'smell' }] }, '[smell: cannot be told on the phone]'],
    ['structured content alone', { content: [], structuredContent: { free: 2 } }, '{"free":2}'],
    ['structured content beside its text', { content: [{ type: 'text', text: '2' }], structuredContent: {} }, '2'],
    ['nothing', { content: [] }, ''],
    ['nothing at all', {}, ''],
  ])('reduces %s to words', (_what, content, text) => {
    expect(contentText(content)).toBe(text);
  });
});
