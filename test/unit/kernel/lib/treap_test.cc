#include "kernel/lib/treap.h"

#include <algorithm>
#include <random>
#include <vector>

namespace lib = k::lib;

namespace {

struct Item {
  int key = 0;
  int least = 0;  // augmentation: least `weight` of the subtree
  int weight = 0;
  lib::TreapNode<Item> node;
};
struct Traits {
  static lib::TreapNode<Item>& node(Item& i) { return i.node; }
  static bool less(const Item& a, const Item& b) { return a.key < b.key; }
  static void update(Item& i) {
    i.least = i.weight;
    if (i.node.left != nullptr) i.least = std::min(i.least, i.node.left->least);
    if (i.node.right != nullptr) i.least = std::min(i.least, i.node.right->least);
  }
};
using Tree = lib::Treap<Item, Traits>;

int check(const Item* i, int& depth, int level = 1) {
  if (i == nullptr) return 1 << 30;
  depth = std::max(depth, level);
  const int least =
      std::min({i->weight, check(i->node.left, depth, level + 1), check(i->node.right, depth, level + 1)});
  EXPECT_EQ(i->least, least);
  return least;
}
std::vector<int> keys(const Tree& t) {
  std::vector<int> out;
  for (Item* i = t.first(); i != nullptr; i = Tree::next(*i)) out.push_back(i->key);
  return out;
}

TEST(Treap, StaysSortedAugmentedAndShallowUnderRandomChanges) {
  std::mt19937 random{1};
  std::vector<Item> items(2000);
  std::vector<Item*> in, out;
  for (Item& i : items) out.push_back(&i);
  Tree tree;
  for (int step = 0; step < 20000; ++step) {
    const bool insert = in.empty() || (!out.empty() && random() % 3 != 0);
    auto& from = insert ? out : in;
    std::swap(from[random() % from.size()], from.back());
    Item* i = from.back();
    from.pop_back();
    if (insert) {
      i->key = static_cast<int>(random() % 1000);
      i->weight = static_cast<int>(random() % 100000);
      tree.insert(*i);
    } else {
      tree.erase(*i);
    }
    (insert ? in : out).push_back(i);
    if (step % 1000 != 999) continue;
    int depth = 0;
    check(tree.root(), depth);
    EXPECT_LT(depth, 40);
    std::vector<int> expected;
    for (Item* p : in) expected.push_back(p->key);
    std::ranges::sort(expected);
    EXPECT_EQ(keys(tree), expected);
  }
}
TEST(Treap, SortedInsertionIsNoWorstCase) {
  std::vector<Item> items(4096);
  Tree tree;
  for (int i = 0; i < 4096; ++i) {
    items[static_cast<unsigned>(i)].key = i;
    tree.insert(items[static_cast<unsigned>(i)]);
  }
  int depth = 0;
  check(tree.root(), depth);
  EXPECT_LT(depth, 48);
}
TEST(Treap, EqualKeysKeepTheirOrder) {
  Item a, b, c;
  a.weight = 1, b.weight = 2, c.weight = 3;
  Tree tree;
  tree.insert(a), tree.insert(b), tree.insert(c);
  EXPECT_EQ(tree.first(), &a);
  EXPECT_EQ(Tree::next(a), &b);
  EXPECT_EQ(Tree::next(b), &c);
}

}  // namespace
