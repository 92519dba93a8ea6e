/** What a first configuration depends on. */
export interface Answers {
  readonly provider: 'sim' | 'openai' | 'azure' | 'xai' | 'compatible';
  /** compatible: its address. */
  readonly url?: string;
  /** azure. */
  readonly resource?: string;
  readonly deployment?: string;
  readonly agent: string;
  /** What the agent is for, as a sentence to it. */
  readonly purpose: string;
  /** Empty: the model's own. */
  readonly voice: string;
  readonly greeting: 'model' | 'none' | 'words';
  /** For `words`: what it should say. */
  readonly greetingWords?: string;
  readonly tools: readonly ToolChoice[];
}

/** Tools that need nothing but their name. */
export const TOOL_CHOICES = ['hang_up', 'wait', 'collect_digits'] as const;
export type ToolChoice = (typeof TOOL_CHOICES)[number];

/** What `--yes` answers, and what every question proposes. */
export const DEFAULT_ANSWERS: Answers = {
  provider: 'sim',
  agent: 'reception',
  purpose: 'You answer the phone of a small business. Find out what the caller needs, and help.',
  voice: '',
  greeting: 'model',
  tools: ['hang_up'],
};
