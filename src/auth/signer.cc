#include "auth/signer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/base64.h"
#include "base/free.h"

namespace gend::auth {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Mac = std::unique_ptr<EVP_MAC_CTX, Free<EVP_MAC_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

constexpr std::size_t kMacBytes = 32;
constexpr int kLeastRsaBits = 2048;
// Of {"alg":"HS256","typ":"JWT"} and {"alg":"RS256","typ":"JWT"}, with the dot.
constexpr std::string_view kHs256Header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
constexpr std::string_view kRs256Header = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.";

const unsigned char* bytes_of(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

// Nobody is there to type a password.
int no_password(char*, int, int, void*) { return 0; }

std::expected<Key, std::string> read_rsa_key(std::string_view pem) {
  if (pem.find("ENCRYPTED") != pem.npos)
    return std::unexpected{std::string{"the key has a password; give one without"}};
  const std::unique_ptr<BIO, Free<BIO_free>> bio{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  GEND_ASSERT(bio != nullptr);
  Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)};
  if (!key) return std::unexpected{std::string{"it is no private key in PEM, or a damaged one"}};
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return std::unexpected{std::string{"it is not an RSA key, which RS256 needs"}};
  if (EVP_PKEY_get_bits(key.get()) < kLeastRsaBits)
    return std::unexpected{"it has " + std::to_string(EVP_PKEY_get_bits(key.get())) +
                           " bits; RS256 needs at least 2048"};
  return key;
}

Mac make_mac(std::string_view secret) {
  const std::unique_ptr<EVP_MAC, Free<EVP_MAC_free>> hmac{
      EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  GEND_ASSERT(hmac != nullptr);
  Mac mac{EVP_MAC_CTX_new(hmac.get())};
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const int good = EVP_MAC_init(mac.get(), bytes_of(secret.data()), secret.size(), params);
  GEND_ASSERT(good == 1);
  return mac;
}

}  // namespace

struct Signer::Impl {
  Mac mac;        // kHs256: keyed
  Key key;        // kRs256
  Digest digest;  // kRs256
  std::string signature;

  std::string_view header() const { return mac ? kHs256Header : kRs256Header; }
  std::string_view sign(std::string_view text);
};

std::string_view Signer::Impl::sign(std::string_view text) {
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  std::size_t size = signature.size();
  if (mac) {
    // Without a key: the one from before, already worked in.
    const bool good = EVP_MAC_init(mac.get(), nullptr, 0, nullptr) == 1 &&
                      EVP_MAC_update(mac.get(), bytes_of(text.data()), text.size()) == 1 &&
                      EVP_MAC_final(mac.get(), out, &size, size) == 1;
    GEND_ASSERT(good);
  } else {
    const bool good =
        EVP_MD_CTX_reset(digest.get()) == 1 &&
        EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
        EVP_DigestSign(digest.get(), out, &size, bytes_of(text.data()), text.size()) == 1;
    GEND_ASSERT(good);
  }
  return {signature.data(), size};
}

Signer::Signer(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;

std::expected<Signer, std::string> Signer::create(Algorithm algorithm, std::string_view key) {
  auto impl = std::make_unique<Impl>();
  if (algorithm == Algorithm::kHs256) {
    if (key.empty()) return std::unexpected{std::string{"the secret is empty"}};
    impl->mac = make_mac(key);
    impl->signature.resize(kMacBytes);
  } else {
    auto parsed = read_rsa_key(key);
    if (!parsed) return std::unexpected{std::move(parsed.error())};
    impl->key = *std::move(parsed);
    impl->digest.reset(EVP_MD_CTX_new());
    impl->signature.resize(static_cast<std::size_t>(EVP_PKEY_get_size(impl->key.get())));
  }
  return Signer{std::move(impl)};
}

std::size_t Signer::token_size(std::size_t claims_size) const {
  return impl_->header().size() + base64_size(claims_size, Base64::kUrl) + 1 +
         base64_size(impl_->signature.size(), Base64::kUrl);
}

std::size_t Signer::sign(std::string_view claims, char* to) {
  const std::string_view header = impl_->header();
  std::memcpy(to, header.data(), header.size());
  std::size_t size = header.size() + encode_base64(claims, Base64::kUrl, to + header.size());
  const std::string_view signature = impl_->sign({to, size});
  to[size++] = '.';
  return size + encode_base64(signature, Base64::kUrl, to + size);
}

std::expected<void, std::string> check_rsa_key(std::string_view pem) {
  const auto key = read_rsa_key(pem);
  if (!key) return std::unexpected{key.error()};
  return {};
}

Signer& Signers::at(std::size_t index, Algorithm algorithm, std::string_view key) {
  if (index >= signers_.size()) signers_.resize(index + 1);
  std::optional<Signer>& signer = signers_[index];
  if (!signer) {
    auto made = Signer::create(algorithm, key);
    GEND_ASSERT(made.has_value());
    signer.emplace(*std::move(made));
  }
  return *signer;
}

}  // namespace gend::auth
