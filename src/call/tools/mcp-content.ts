/** What an MCP tool can answer with, as far as it is read here. */
export interface McpContent {
  readonly content?: readonly McpBlock[];
  readonly structuredContent?: unknown;
}

interface McpBlock {
  readonly type: string;
  readonly text?: string;
  readonly data?: string;
  readonly mimeType?: string;
  readonly uri?: string;
  readonly name?: string;
  readonly resource?: { readonly uri: string; readonly text?: string; readonly mimeType?: string };
}

/**
 * The words of an answer: texts one below the other, and for everything else a note that it is there. An answer that has
 * only structured content is JSON.
 */
export function contentText({ content = [], structuredContent }: McpContent): string {
  if (content.length === 0 && structuredContent !== undefined) return JSON.stringify(structuredContent);
  return content.map(blockText).join('\n');
}

function blockText({ type, text, mimeType, data, uri, name, resource }: McpBlock): string {
  if (type === 'text') return text ?? '';
  if (type === 'resource' && resource) return resource.text ?? `[${resource.mimeType ?? 'file'} at ${resource.uri}]`;
  if (type === 'resource_link') return `[${name ?? 'file'} at ${uri}]`;
  const bytes = data === undefined ? '' : `, ${Math.floor((data.length * 3) / 4)} bytes`;
  return `[${mimeType ?? type}${bytes}: cannot be told on the phone]`;
}
