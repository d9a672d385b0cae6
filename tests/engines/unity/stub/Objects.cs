// Owns a stand-in for UnityEngine's objects: enough to type-check the package and to run its components under Mono.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public class Object
    {
        public string name = "";
        internal bool Destroyed;

        public static implicit operator bool(Object each)
        {
            return !ReferenceEquals(each, null) && !each.Destroyed;
        }

        public static bool operator ==(Object a, Object b)
        {
            return ReferenceEquals((bool)a ? a : null, (bool)b ? b : null);
        }

        public static bool operator !=(Object a, Object b)
        {
            return !(a == b);
        }

        public override bool Equals(object other)
        {
            return ReferenceEquals(this, other);
        }

        public override int GetHashCode()
        {
            return base.GetHashCode();
        }
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }

        public Transform transform
        {
            get { return gameObject.transform; }
        }

        public T GetComponent<T>() where T : Component
        {
            return gameObject.GetComponent<T>();
        }

        public T GetComponentInParent<T>() where T : Component
        {
            return gameObject.GetComponent<T>();
        }

        public T GetComponentInChildren<T>() where T : Component
        {
            return gameObject.GetComponent<T>();
        }

        public T[] GetComponentsInChildren<T>() where T : Component
        {
            T found = gameObject.GetComponent<T>();
            return found == null ? new T[0] : new[] { found };
        }
    }

    public class Behaviour : Component
    {
        public bool enabled = true;
    }

    public class MonoBehaviour : Behaviour
    {
    }

    public sealed class GameObject : Object
    {
        private static readonly List<GameObject> All = new List<GameObject>();
        private readonly List<Component> components = new List<Component>();

        public GameObject(string name)
        {
            this.name = name;
            transform = new Transform { gameObject = this };
            All.Add(this);
        }

        public Transform transform { get; private set; }

        /// <summary>For the test's stage, which plays the engine.</summary>
        public IEnumerable<Component> Components
        {
            get { return components.ToArray(); }
        }

        public static GameObject Find(string name)
        {
            return All.Find(each => each.name == name);
        }

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            var made = new GameObject(type.ToString());
            made.AddComponent<Renderer>();
            return made;
        }

        public T AddComponent<T>() where T : Component, new()
        {
            var added = new T { gameObject = this };
            components.Add(added);
            return added;
        }

        public T GetComponent<T>() where T : Component
        {
            foreach (Component each in components)
            {
                if (each is T)
                {
                    return (T)each;
                }
            }
            return null;
        }
    }

    public enum PrimitiveType
    {
        Capsule,
        Cube,
    }

    public sealed class Transform : Component
    {
        public Vector3 position { get; set; }

        public Vector3 localScale { get; set; }

        public void LookAt(Vector3 point)
        {
        }
    }

    public sealed class Material : Object
    {
        public Color color { get; set; }
    }

    public class Renderer : Component
    {
        public Material material { get; } = new Material();
    }

    public sealed class Mesh : Object
    {
        private readonly string[] shapes;

        public Mesh(params string[] shapes)
        {
            this.shapes = shapes;
        }

        public int blendShapeCount
        {
            get { return shapes.Length; }
        }

        public string GetBlendShapeName(int index)
        {
            return shapes[index];
        }
    }

    public sealed class SkinnedMeshRenderer : Renderer
    {
        /// <summary>For tests.</summary>
        public readonly Dictionary<int, float> Weights = new Dictionary<int, float>();

        public Mesh sharedMesh { get; set; }

        public void SetBlendShapeWeight(int index, float value)
        {
            Weights[index] = value;
        }
    }

    public enum AnimatorControllerParameterType
    {
        Float = 1,
        Int = 3,
        Bool = 4,
        Trigger = 9,
    }

    public sealed class AnimatorControllerParameter
    {
        public string name { get; set; }

        public AnimatorControllerParameterType type { get; set; }
    }

    public sealed class Animator : Behaviour
    {
        /// <summary>For tests.</summary>
        public readonly Dictionary<string, object> Values = new Dictionary<string, object>();

        public AnimatorControllerParameter[] parameters { get; set; } = new AnimatorControllerParameter[0];

        public float GetFloat(string parameter)
        {
            object value;
            return Values.TryGetValue(parameter, out value) ? (float)value : 0f;
        }

        public void SetFloat(string parameter, float value)
        {
            Values[parameter] = value;
        }

        public void SetBool(string parameter, bool value)
        {
            Values[parameter] = value;
        }

        public void SetTrigger(string parameter)
        {
            Values[parameter] = true;
        }
    }

    public class TextAsset : Object
    {
        public string text = "";
    }

    public sealed class AudioClip : Object
    {
        public float length = 0f;
    }

    public sealed class AudioSource : Behaviour
    {
        public void PlayOneShot(AudioClip clip)
        {
        }
    }

    public sealed class Camera : Behaviour
    {
        public static Camera main { get; set; }

        public Vector3 WorldToScreenPoint(Vector3 point)
        {
            return point;
        }
    }
}
