import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** Counts the tokens in a text with o200k, the tokenizer of OpenAI's current models. Other tokenizers differ a little. */
export function tokensOf(text) {
  return countTokens(text);
}
