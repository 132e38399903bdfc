import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** The number of tokens in a text, by o200k, the tokenizer of OpenAI's current models. Other tokenizers differ a little. */
export function tokensOf(text) {
  return countTokens(text);
}
