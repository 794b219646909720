#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

// SQLite as values: the only folder that sees <sqlite3.h>. A connection and its statements are used
// by one thread at a time.
namespace gend::store {

enum class Fault : std::uint8_t { kFull, kReadOnly, kBusy, kCorrupt, kOther };

struct Trouble {
  Fault fault = Fault::kOther;
  std::string words;  // SQLite's own: "database or disk is full"
};
template <class T>
using Result = std::expected<T, Trouble>;

struct Blob {
  std::string_view bytes;
};

class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_{statement} {}

  // Puts the values in the places of the question marks, for the next go. Texts are not copied:
  // they must live until then.
  template <class... Values>
  Statement& with(const Values&... values) {
    rewind();
    int place = 0;
    (bind(++place, values), ...);
    return *this;
  }
  Result<bool> next();  // true: there is a row
  Result<void> run();   // to its end, whatever rows there are

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  // or bytes; until the next row
  bool is_null(int column) const;

 private:
  void rewind();
  void bind(int place, std::string_view text);
  void bind(int place, Blob blob);
  void bind(int place, const std::optional<double>& value);  // nothing: NULL
  void bind_integer(int place, std::int64_t value);
  void bind_real(int place, double value);
  template <class T>
    requires std::is_arithmetic_v<T>
  void bind(int place, T value) {
    if constexpr (std::is_floating_point_v<T>) bind_real(place, value);
    else bind_integer(place, static_cast<std::int64_t>(value));
  }
  Trouble trouble() const;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Access : std::uint8_t { kRead, kWrite };  // kWrite makes a file that is not there
  static Result<Database> open(const std::string& path, Access access);

  Result<void> script(const std::string& sql);  // one statement or several, without values
  Result<Statement> prepare(std::string_view sql);
  template <class... Values>
  Result<void> run(std::string_view sql, const Values&... values) {
    auto statement = prepare(sql);
    if (!statement) return std::unexpected{std::move(statement.error())};
    return statement->with(values...).run();
  }
  // The first column of the first row; 0 when there is no row.
  Result<std::int64_t> number(std::string_view sql);
  std::int64_t last_row() const;  // the key that the latest INSERT was given
  std::int64_t changed() const;   // rows that the latest statement touched

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  explicit Database(sqlite3* database) : database_{database} {}
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace gend::store
