import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/**
 * Counts the tokens in a text with o200k_base, an encoding of OpenAI's models. With other tokenizers, the counts differ
 * a little.
 */
export function tokensOf(text) {
  return countTokens(text);
}
