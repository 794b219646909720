#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gend::plan {

// Edits between two words: insertions, deletions, replacements and swaps of neighbours (the optimal
// string alignment form of Damerau-Levenshtein), capital letters counting as small ones.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that a misspelt `word` most likely means; empty when none is near enough (a third
// of the longer word's letters, at least one, or a word that goes on where `word` stops).
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// `did you mean "x"?`, or what is known when nothing is near: `known: a, b, c`.
std::string hint(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace gend::plan
