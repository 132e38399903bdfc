import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** How many tokens a text is to a model: o200k, which current models of OpenAI read. Others differ by little. */
export function tokensOf(text) {
  return countTokens(text);
}
