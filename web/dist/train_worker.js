var Ut=(r,e)=>(e=Symbol[r])?e:Symbol.for("Symbol."+r),Mt=r=>{throw TypeError(r)};var ye=(r,e,t)=>{if(e!=null){typeof e!="object"&&typeof e!="function"&&Mt("Object expected");var a,o;t&&(a=e[Ut("asyncDispose")]),a===void 0&&(a=e[Ut("dispose")],t&&(o=a)),typeof a!="function"&&Mt("Object not disposable"),o&&(a=function(){try{o.call(this)}catch(n){return Promise.reject(n)}}),r.push([t,a,e])}else t&&r.push([t]);return e},Me=(r,e,t)=>{var a=typeof SuppressedError=="function"?SuppressedError:function(s,i,l,d){return d=Error(l),d.name="SuppressedError",d.error=s,d.suppressed=i,d},o=s=>e=t?new a(s,e,"An error was suppressed during disposal"):(t=!0,s),n=s=>{for(;s=r.pop();)try{var i=s[1]&&s[1].call(s[2]);if(s[0])return Promise.resolve(i).then(n,l=>(o(l),n()))}catch(l){o(l)}if(t)throw e};return n()};var k=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var Ct="0.1.0";var ie=class{#e;constructor(...e){let t=2654435769;this.#e=new Uint32Array(4);let a=e.flatMap(o=>[o>>>0,Math.floor(o/2**32)>>>0]);for(let o of a)t=Nt(t^o);for(let o=0;o<4;o++)this.#e[o]=t=Nt(t+2654435769>>>0);this.#e[0]|=1}uint32(){let e=this.#e,t=Math.imul(e[1],5),a=Math.imul(t<<7|t>>>25,9)>>>0,o=e[1]<<9;return e[2]^=e[0],e[3]^=e[1],e[1]^=e[2],e[0]^=e[3],e[2]^=o,e[3]=e[3]<<11|e[3]>>>21,a}uniform(){return this.uint32()/2**32}between(e,t){return e+(t-e)*this.uniform()}below(e){return Math.floor(this.uniform()*e)}normal(){return Math.sqrt(-2*Math.log(1-this.uniform()))*Math.cos(2*Math.PI*this.uniform())}shuffled(e){let t=[...e];for(let a=t.length-1;a>0;a--){let o=this.below(a+1);[t[a],t[o]]=[t[o],t[a]]}return t}};function Nt(r){let e=Math.imul(r^r>>>16,2246822507);return e=Math.imul(e^e>>>13,3266489909),(e^e>>>16)>>>0}function F(r){return r.reduce((e,t)=>e*t,1)}function A(r){return Math.ceil(r/4)*4}function S(r){return r.join("×")}function le(r,e){return Math.ceil(r/e)}function ot(r,e){if(e===1)return 0;let t=2*(e-1),a=(r%t+t)%t;return a<e?a:t-a}function Ce(r,e,t,a){let o=new Uint8Array(a.width*a.height*3),n=a.left>=0&&a.left+a.width<=e;for(let s=0;s<a.height;s++){let i=ot(a.top+s,t)*e*3,l=s*a.width*3;if(n){o.set(r.subarray(i+a.left*3,i+(a.left+a.width)*3),l);continue}for(let d=0;d<a.width;d++){let c=i+ot(a.left+d,e)*3;for(let u=0;u<3;u++)o[l+d*3+u]=r[c+u]}}return o}function ve(r,e,t,a,o){let{rgb:n,width:s,left:i,top:l}=a,[d,c]=o&4?[s*3,3]:[3,s*3],u=o&1?-d:d,p=o&2?-c:c,f=(l*s+i)*3+(o&1?d*(t-1):0)+(o&2?c*(t-1):0),m=e;for(let h=0;h<t;h++){let g=f+h*p;for(let w=0;w<t;w++,g+=u,m+=3)r[m]=n[g]/255,r[m+1]=n[g+1]/255,r[m+2]=n[g+2]/255}}function nt(r){let e=Math.ceil(3*r),t=new Float64Array(e+1),a=0;for(let o=0;o<=e;o++)t[o]=o===0?1:Math.exp(-(o*o)/(2*r*r)),a+=o===0?t[o]:2*t[o];return t.map(o=>o/a)}function Ne(r,e,t,a){let o=nt(a),n=o.length-1;if(n===0)return;let s=e*3,i=new Float32Array(s+n*6);for(let d=0;d<t;d++){let c=d*s,u=c+s-3;i.set(r.subarray(c,c+s),n*3);for(let p=0;p<n*3;p++)i[p]=r[c+p%3],i[n*3+s+p]=r[u+p%3];for(let p=0;p<s;p++){let f=p+n*3,m=o[0]*i[f];for(let h=1;h<=n;h++)m+=o[h]*(i[f-3*h]+i[f+3*h]);r[c+p]=m}}let l=r.slice();for(let d=0;d<t;d++){let c=d*s;for(let u=0;u<s;u++)r[c+u]=o[0]*l[c+u];for(let u=1;u<=n;u++){let p=Math.max(d-u,0)*s,f=Math.min(d+u,t-1)*s,m=o[u];for(let h=0;h<s;h++)r[c+h]+=m*(l[p+h]+l[f+h])}}}async function Gt(r,e,t,a){let{OffscreenCanvas:o}=globalThis,n=o&&new o(e,t),s=n?.getContext("2d",{willReadFrequently:!0});if(!n||!s)throw new k("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");let i=new Uint8ClampedArray(e*t*4).fill(255);for(let p=0,f=0;p<r.length;p+=3,f+=4)i[f]=r[p],i[f+1]=r[p+1],i[f+2]=r[p+2];s.putImageData(new ImageData(i,e,t),0,0);let l=await n.convertToBlob({type:"image/jpeg",quality:a/100}),d=await createImageBitmap(l,{colorSpaceConversion:"none"});s.drawImage(d,0,0),d.close();let{data:c}=s.getImageData(0,0,e,t),u=new Uint8Array(e*t*3);for(let p=0,f=0;f<u.length;p+=4,f+=3)u[f]=c[p],u[f+1]=c[p+1],u[f+2]=c[p+2];return u}var ce=65536,st;function Oa(){if(st)return st;let r=new Float32Array(ce),e=0;for(let a=0;a<ce/2;a++){let o=Ea((a+.5)/ce);e+=2*o*o,r[a]=o}let t=Math.sqrt(ce/e);for(let a=0;a<ce/2;a++)r[a]*=t,r[ce-1-a]=-r[a];return st=r}function Ea(r){if(r<.02425){let a=Math.sqrt(-2*Math.log(r));return(((((-.007784894002430293*a-.3223964580411365)*a-2.400758277161838)*a-2.549732539343734)*a+4.374664141464968)*a+2.938163982698783)/((((.007784695709041462*a+.3224671290700398)*a+2.445134137142996)*a+3.754408661907416)*a+1)}let e=r-.5,t=e*e;return(((((-39.69683028665376*t+220.9460984245205)*t-275.9285104469687)*t+138.357751867269)*t-30.66479806614716)*t+2.506628277459239)*e/(((((-54.47609879822406*t+161.5858368580409)*t-155.6989798598866)*t+66.80131188771972)*t-13.28068155288572)*t+1)}function it(r,e,t){if(e===0)return;let a=Oa();for(let o=0;o<r.length;o+=2){let n=t.uint32();r[o]+=e*a[n&65535],o+1<r.length&&(r[o+1]+=e*a[n>>>16])}}var It=4;function $t(r,e,t,a,o){if(a===0)return;let n=o.between(.4,1.2),s=o.uniform(),i=new Float32Array(r.length);it(i,1,o);for(let c=0;c<i.length;c+=3){let u=i[c];for(let p of[1,2])i[c+p]=Math.sqrt(s)*u+Math.sqrt(1-s)*i[c+p]}Ne(i,e,t,n);let d=nt(n).reduce((c,u,p)=>c+(p===0?1:2)*u*u,0);for(let c=0;c<r.length;c++)r[c]+=a/d*i[c]}function lt(r,e,t,a){let o=e*4294967296,n=o/2;for(let s=0;s<r.length;s+=a){let i=t.uint32();i<o&&r.fill(i<n?0:255,s,s+a)}}function Ua(r){let e=Math.abs(r);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function Ft(r,e){let t=r/e,a=Math.max(t,1),o=Math.ceil(4*a)+1,n=new Int32Array(e*o),s=new Float64Array(e*o);for(let i=0;i<e;i++){let l=(i+.5)*t-.5,d=Math.ceil(l-2*a),c=0;for(let u=0;u<o;u++){let p=Ua((d+u-l)/a);n[i*o+u]=Ma(d+u,r),s[i*o+u]=p,c+=p}for(let u=0;u<o;u++)s[i*o+u]/=c}return{positions:n,weights:s,count:o}}function Ma(r,e){let t=2*e,a=(r%t+t)%t;return a<e?a:t-1-a}function Ge(r,e,t,a,o,n=3){let s=Ft(e,a),i=new Float32Array(t*a*n);for(let u=0;u<t;u++){let p=u*e;for(let f=0;f<a;f++){let m=(u*a+f)*n;for(let h=0;h<n;h++){let g=0;for(let w=f*s.count,v=w+s.count;w<v;w++)g+=s.weights[w]*r[(p+s.positions[w])*n+h];i[m+h]=g}}}let l=Ft(t,o),d=new Float32Array(o*a*n),c=a*n;for(let u=0;u<o;u++)for(let p=u*l.count,f=p+l.count;p<f;p++){let m=l.positions[p]*c,h=l.weights[p];for(let g=0,w=u*c;g<c;g++)d[w+g]+=h*i[m+g]}return d}async function Kt(r,e,t,a,o,n=Gt){if(r.length!==e*t*3)throw new RangeError(`Cannot degrade: ${r.length} samples are not ${e}×${t} RGB pixels`);if(a.length===0)return r.slice();let s=Float32Array.from(r),[i,l]=[e,t];for(let{name:d,strength:c}of a)if(d==="blur")Ne(s,i,l,c);else if(d==="gaussian")it(s,c,o);else if(d==="grain")$t(s,i,l,c,o);else if(d==="salt-pepper")lt(s,c,o,3);else if(d==="salt-pepper-channels")lt(s,c,o,1);else if(d==="jpeg")s=Float32Array.from(await n(Lt(s),i,l,c));else if(d==="downscale")s=Ca(s,i,l,c);else{if(i%c||l%c)throw new RangeError(`Cannot shrink ${i}×${l} by ${c}`);s=Ge(s,i,l,i/c,l/c),[i,l]=[i/c,l/c]}return Lt(s)}function Dt(r){let e=0,t=1;for(let{name:a,strength:o}of r)a==="blur"?e+=t*Math.ceil(3*o):a==="grain"?e+=t*It:a==="jpeg"?e+=t*16:a==="downscale"&&o>1?e+=t*Math.ceil(4*o):a==="shrink"&&(e+=t*2*o,t*=o);return Math.ceil(e/t)*t}function Lt(r){return new Uint8Array(Uint8ClampedArray.from(r).buffer)}function Ca(r,e,t,a){let o=Math.max(1,Math.round(e/a)),n=Math.max(1,Math.round(t/a)),s=Ge(r,e,t,o,n);return Ge(s,o,n,e,t)}var Na=2,Ga=20,we=class{#e;#r;#t;#a;constructor(e,t){let{patch:a,batch:o}=t;if(!(Number.isInteger(a)&&a>0&&Number.isInteger(o)&&o>0))throw new RangeError(`Cannot cut patches: ${o} of ${a} pixels is not a batch`);if(!t.recipe&&!e.paired)throw new k("Plain photos need a degradation recipe: give one, e.g. --degrade photo");if(this.#e=e,this.#r=t,this.#t=t.indices??e.photos.map((s,i)=>i),this.#t.length===0)throw new k("There is no photo to cut patches from: give more photos");let n=0;this.#a=Float64Array.from(this.#t,s=>{let{width:i,height:l}=e.photos[s];return n+=i*l})}async batch(e){let{batch:t,patch:a}=this.#r,o=new Float32Array(t*a*a*3),n=new Float32Array(o.length*(this.#r.recipe?.scale??1)**2),s=Array.from({length:t},(i,l)=>this.#o(e,l,o,n));return await Promise.all(s),{input:o,target:n}}async#o(e,t,a,o){let{seed:n,batch:s,patch:i,recipe:l,jpeg:d,onto:c="high",augment:u=!0}=this.#r,p=l?.scale??1,f=i*p,m=new ie(n,e,t),{index:h,high:g,low:w}=await this.#n(m,e*s+t),{width:v,height:x}=this.#e.photos[h],_=Array.from({length:u?Na:1},()=>({left:p*m.below(Math.floor(Math.max(v-f,0)/p)+1),top:p*m.below(Math.floor(Math.max(x-f,0)/p)+1)})),{left:T,top:M}=Ia(g,v,x,f,_),G=u?m.below(8):0,U=t*i*i*3;if(!l){let ee=Pa=>Ce(Pa,v,x,{left:T,top:M,width:i,height:i});ve(a,U,i,{rgb:ee(w),width:i,left:0,top:0},G),ve(o,U,i,{rgb:ee(g),width:i,left:0,top:0},G);return}let R=l.sample(m),C=Dt(R),I=R.some(({name:ee})=>ee==="jpeg")?16:1,N=Math.max(T-C+p*m.below(I),0),B=Math.max(M-C+p*m.below(I),0),Q=ee=>Math.max(ee-ee%p,f),ne=Math.min(T+f+C,Q(v)),se=Math.min(M+f+C,Q(x)),q={left:N,top:B,width:ne-N,height:se-B},Et=Ce(g,v,x,q),Ta=c==="low"&&w?Ce(w,v,x,q):Et,Ra=await Kt(Ta,q.width,q.height,R,m,d),at={left:T-N,top:M-B};ve(o,U*p**2,f,{rgb:Et,width:q.width,...at},G);let Aa={width:q.width/p,left:at.left/p,top:at.top/p};ve(a,U,i,{rgb:Ra,...Aa},G)}async#n(e,t){for(let a=0;;a++){let o=this.#r.choose==="each"?(t+a)%this.#t.length:this.#s(e.uniform()),n=this.#t[o];try{return{index:n,...await this.#e.load(n)}}catch(s){if(!(s instanceof k)||a===Ga)throw s}}}#s(e){let t=e*this.#a[this.#a.length-1],a=0,o=this.#a.length-1;for(;a<o;){let n=a+o>>1;this.#a[n]>t?o=n:a=n+1}return a}};function Ia(r,e,t,a,o){let n=({left:i,top:l})=>{let d=0;for(let c=l;c<Math.min(l+a,t);c+=4)for(let u=i;u+1<Math.min(i+a,e);u+=4){let p=(c*e+u)*3+1;d+=Math.abs(r[p]-r[p+3])}return d},s=o.map(n);return o[s.indexOf(Math.max(...s))]}var $a=2**40;function Bt(r,e){let{count:t,size:a,seed:o,indices:n,recipe:s,jpeg:i,onto:l}=e;return new we(r,{patch:a,batch:t,seed:o,indices:n,recipe:s,jpeg:i,onto:l,augment:!1,choose:"each"}).batch($a)}function jt(r,e,t){if(!(e>=0&&e<1))throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${e}`);let a=r.map((l,d)=>d);if(e===0)return{train:a,validation:[]};if(r.length<=1)return{train:a,validation:a};let o=Math.min(Math.max(Math.round(e*r.length),1),r.length-1),n=r.map(({name:l})=>Fa(l,t)),s=a.toSorted((l,d)=>n[l]-n[d]||l-d),i=new Set(s.slice(0,o));return{train:a.filter(l=>!i.has(l)),validation:a.filter(l=>i.has(l))}}function Fa(r,e){let t=2166136261^e;for(let a=0;a<r.length;a++)t=Math.imul(t^r.charCodeAt(a),16777619);return t=Math.imul(t^t>>>16,2246822507),t=Math.imul(t^t>>>13,3266489909),(t^t>>>16)>>>0}var dt={blur:{low:0,high:20,meaning:"sigma in pixels",example:"blur:0.5-2"},gaussian:{low:0,high:255,meaning:"sigma of the noise",example:"gaussian:25"},grain:{low:0,high:255,meaning:"sigma of coarse noise",example:"grain:10"},"salt-pepper":{low:0,high:1,meaning:"share of the pixels",example:"salt-pepper:0.01"},"salt-pepper-channels":{low:0,high:1,meaning:"share of each channel's values",example:"salt-pepper-channels:0.01"},jpeg:{low:1,high:100,meaning:"quality",example:"jpeg:30-90"},downscale:{low:1,high:16,meaning:"factor",example:"downscale:2"},shrink:{low:2,high:4,meaning:"whole factor, the photo stays small",example:"shrink:2"}},Ie={none:"none",trial1:"none",trial2:"blur:1-2",trial3:"salt-pepper:0.02,blur:2-3",trial4:"salt-pepper:0-0.01,blur:0.5-1.5 | blur:0.5-1.5,salt-pepper:0-0.02 | mix(blur:0.5-1.5,salt-pepper:0-0.02,gaussian:0-15)",photo:"6*mix(blur:0-2*3,gaussian:0-30*4,grain:0-20*3,salt-pepper:0-0.1,jpeg:20-100*6) | 2*gaussian:10-30 | grain:5-25 | 2*jpeg:15-70 | salt-pepper:0-0.4 | 2*blur:0-2,salt-pepper:0-0.3 | 3*salt-pepper:0-0.03,blur:0.5-2 | 2*blur:0-2,salt-pepper:0-0.1,jpeg:60-100 | none",impulse:"3*salt-pepper:0-0.05 | 4*salt-pepper:0.05-0.6"},La=.1,Ka=.2,Da=.75;function zt(r){let e=r.trim(),a=(Object.hasOwn(Ie,e)?Ie[e]:e).split("|").map(i=>Ba(i.trim(),r)),o=ja(a.map(({items:i})=>i),r),n=a.reduce((i,{weight:l})=>i+l,0),s=a.map(({weight:i,items:l})=>`${i===1?"":`${be(i)}*`}${qa(l)}`).join(" | ");return{name:Object.hasOwn(Ie,e)?e:s,text:s,scale:o,sample:i=>{let l=a.length>1?i.uniform()*n:0,{items:d}=a.find(({weight:c})=>(l-=c)<0)??a[a.length-1];return d.flatMap(c=>"mix"in c?za(c.mix,i):Wt(c.step,i))}}}function Ba(r,e){let t=r.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/),a=t?Number(t[1]):1;if(a===0)throw W(e,`'${r}' has the weight 0`);let o=t?t[2]:r;return{weight:a,items:o==="none"?[]:qt(o,e).map(n=>Wa(n,e))}}function ja(r,e){let t=r.map(a=>a.reduce((o,n)=>{if("mix"in n){if(n.mix.some(({name:d})=>d==="shrink"))throw W(e,"a mix cannot shrink the photo");return o}let{name:s,low:i,high:l}=n.step;if(s!=="shrink")return o;if(i!==l||!Number.isInteger(i))throw W(e,"shrink takes one whole factor");return o*i},1));if(new Set(t).size>1)throw W(e,"its alternatives shrink the photo differently");return t[0]}function Wt({name:r,low:e,high:t},a){let o=a.between(e,t);return{name:r,strength:r==="jpeg"?Math.round(o):o}}function za(r,e){if(e.uniform()<La)return[];let t=e.uniform()*r.reduce((i,{weight:l})=>i+l,0),a=r.findIndex(({weight:i})=>(t-=i)<0),o=a<0?r.length-1:a,n=e.shuffled(r.filter((i,l)=>l===o||e.uniform()<Ka)),s=n.findIndex(i=>i.name==="jpeg");return s>=0&&e.uniform()<Da&&n.push(...n.splice(s,1)),n.map(i=>Wt(i,e))}function qt(r,e){let t=r.match(/(?:[^,()]|\([^()]*\))+/g)??[];if(r.trim()==="")throw W(e,"it is empty or has an empty mix");if(t.join(",")!==r)throw W(e,"a comma or a bracket is misplaced");return t.map(a=>a.trim())}function Wa(r,e){let t=r.match(/^mix\((.*)\)$/);return t?{mix:qt(t[1],e).map(a=>{let o=a.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);if(!o)return ct(a,e);let n=Number(o[2]);if(n===0)throw W(e,`'${a}' has the weight 0`);return{...ct(o[1],e),weight:n}})}:{step:ct(r,e)}}function ct(r,e){let t=r.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);if(!t)throw W(e,`'${r}' is not NAME:STRENGTH or NAME:LOW-HIGH`);let[,a,o,n=o]=t;if(!Object.hasOwn(dt,a))throw W(e,`there is no step '${a}'`);let s=dt[a],i=Number(o),l=Number(n);if(i>l)throw W(e,`'${r}' has its range the wrong way round`);if(i<s.low||l>s.high)throw W(e,`'${r}' is outside ${s.low}..${s.high} (${s.meaning})`);return{name:a,low:i,high:l,weight:1}}function qa(r){let e=({name:t,low:a,high:o,weight:n})=>`${t}:${a===o?be(a):`${be(a)}-${be(o)}`}${n===1?"":`*${be(n)}`}`;return r.map(t=>"mix"in t?`mix(${t.mix.map(e).join(",")})`:e(t.step)).join(",")||"none"}function be(r){return String(r).includes("e")?r.toFixed(20).replace(/\.?0+$/,""):String(r)}function W(r,e){let t=Object.values(dt).map(({example:a,meaning:o,low:n,high:s})=>`${a} (${o}, ${n}..${s})`);return new k(`Cannot read the degradation recipe '${r}': ${e}; steps are ${t.join(", ")}, joined by commas, as mix(...) or as alternatives parted by |; presets are ${Object.keys(Ie).join(", ")}`,{exitCode:2})}var b=class extends Error{name="GpuError"},j=class extends b{name="GpuOutOfMemoryError"},te=class extends b{name="GpuLostError"};var ut={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4s, each tensor of f32 or f16, summed in f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = result4(vec4f(a[index]) + vec4f(b[index]));
}
`,add_at_extremes:`// Correction of extremes: y = base + r where x is extreme (extremes.wgsl), else y = base; over vec4s of f32; r may be f16.
// An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> base: array<vec4f>;
@group(0) @binding(3) var<storage, read> r: array<correction4>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let known = base[index];
  y[index] = select(known, known + vec4f(r[index]), extremes_of(index));
}
`,add_at_extremes_grad:`// Gradient of a correction of extremes for the correction r: dr = activation_slope(r) * dy where x is extreme (extremes.wgsl), else 0; over vec4 f32;
// added to what dr holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dr: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = select(vec4f(0.0), dy[index] * activation_slope(activated[index]), extremes_of(index));
  if (params.accumulate != 0) { gradient += dr[index]; }
  dr[index] = gradient;
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,add_grad_in_place:`// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy takes the place of dy, which nobody needs
// any more, and db = activation_slope(b) * dy is added to what db holds when params.accumulate is set. Elementwise over vec4 f32; an
// invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> db: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = dy[index];
  dy[index] = gradient * slope_as(a[index], params.activation_a);
  var to_b = gradient * slope_as(b[index], params.activation_b);
  if (params.accumulate != 0) { to_b += db[index]; }
  db[index] = to_b;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  var pixel = slice * params.slice_pixels;
  loop {
    sum += dy[pixel * params.out4 + o];
    pixel++;
    if (pixel >= end) { break; }
  }
  partials[index] = sum;
}
`,conv2d_gemm:`// Convolution k×k of any stride, and its input gradient, as a matrix product (implicit GEMM, on top of gemm_tile.wgsl): rows are pixels of
// the result, columns its channels, k runs over channels of the source (4·K4 at a time) and, inside of these, over taps.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx
// holds when params.accumulate is set; with stride 2, dy is read as if there were zeros between its pixels.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)]; a is smaller by 2^shift: nearest upsampling by the address, or the
// zeros between pixels (params.holes 1). w: [k·k][4·in4][out4] vec4 over outputs, as the parameters lie. y: [N,rows,columns,4·target4].
// All are f32 or f16, added up in f32: where products are f16 (CHUNK not 0), their sums over CHUNK fetches of k are added to f32 ones.
// A workgroup owns 8 pixels across by M/8 down. An invocation fetches four pixels by four channels of A, or a 4×4 block of B.
struct Params {
  batch: i32, rows: i32, columns: i32, height: i32, width: i32,
  a4: i32, b4: i32, shift: u32, holes: i32,
  target4: i32, in4: i32, out4: i32, first4: i32,
  kernel: i32, stride: i32, batch_weights: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward. 2: the product alone, each of the batch with weights of its own, params.batch_weights vec4s apart.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

// Four channels of a pixel of the sources; outside of the image and between pixels zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> tile4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  let inside = row == kept_row && column == kept_column && ((row | column) & params.holes) == 0;
  var v: tile4;
  if (c < params.a4 || params.b4 == 0) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = tile4(a[(base + (kept_column >> params.shift)) * params.a4 + min(c, params.a4 - 1)]);
  } else {
    v = tile4(b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + min(c - params.a4, params.b4 - 1)]);
  }
  return select(tile4(), v, inside && c < params.a4 + params.b4);
}

// Four channels of the source from c on by four of the result; beyond either count zero. As stored: rows of B, or (gradient) its columns.
fn weights(n: i32, tap: i32, c: i32, o: i32) -> Four {
  let inside = o < params.target4 && c < params.a4 + params.b4;
  let kept_o = min(o, params.target4 - 1);
  let kept_c = min(c, params.a4 + params.b4 - 1);
  var at = n * params.batch_weights + (tap * params.in4 + kept_c) * 4 * params.out4 + kept_o;
  if (MODE == 0u) {
    let turned = params.kernel * params.kernel - 1 - tap;
    at = (turned * params.in4 + params.first4 + kept_o) * 4 * params.out4 + kept_c;
  }
  let v = Four(
    tile4(w[at]),
    tile4(w[at + params.out4]),
    tile4(w[at + 2 * params.out4]),
    tile4(w[at + 3 * params.out4]),
  );
  return Four(
    select(tile4(), v.v0, inside),
    select(tile4(), v.v1, inside),
    select(tile4(), v.v2, inside),
    select(tile4(), v.v3, inside),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else if (MODE == 0u) {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  } else {
    y[at] = result4(value);
  }
}

// The sums of an invocation in f32.
struct Totals {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
  t0: vec4f,
  t1: vec4f,
  t2: vec4f,
  t3: vec4f,
  t4: vec4f,
  t5: vec4f,
  t6: vec4f,
  t7: vec4f,
}

fn added(t: Totals, s: Sums) -> Totals {
  return Totals(
    t.s0 + vec4f(s.s0),
    t.s1 + vec4f(s.s1),
    t.s2 + vec4f(s.s2),
    t.s3 + vec4f(s.s3),
    t.s4 + vec4f(s.s4),
    t.s5 + vec4f(s.s5),
    t.s6 + vec4f(s.s6),
    t.s7 + vec4f(s.s7),
    t.t0 + vec4f(s.t0),
    t.t1 + vec4f(s.t1),
    t.t2 + vec4f(s.t2),
    t.t3 + vec4f(s.t3),
    t.t4 + vec4f(s.t4),
    t.t5 + vec4f(s.t5),
    t.t6 + vec4f(s.t6),
    t.t7 + vec4f(s.t7),
  );
}

// Four pixels of a row, four channels.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores four pixels of a row by four channels, those that are inside.
fn store(n: i32, row: i32, column: i32, o: i32, f: Pixels) {
  if (row >= params.rows || o >= params.target4) { return; }
  let at = ((n * params.rows + row) * params.columns + column) * params.target4 + o;
  if (column < params.columns) { put(at, f.v0); }
  if (column + 1 < params.columns) { put(at + params.target4, f.v1); }
  if (column + 2 < params.columns) { put(at + 2 * params.target4, f.v2); }
  if (column + 3 < params.columns) { put(at + 3 * params.target4, f.v3); }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.columns + 7) / 8;
  let down = (params.rows + M / 8 - 1) / (M / 8);
  let tile = i32(group.x + group.y * groups.x);
  if (tile >= params.batch * down * across) { return; }
  let column0 = tile % across * 8;
  let row0 = tile / across % down * (M / 8);
  let n = tile / (across * down);
  let o0 = i32(group.z) * COLUMNS;

  // What this invocation fetches: pixels (the first M/4·K4 of them), weights (the next N/4·K4), or nothing.
  let t = i32(local);
  let fetches_pixels = t < QUADS * K4;
  let u = t - QUADS * K4;
  let fetches_weights = !fetches_pixels && u < COLUMNS * K4;
  let vec = select(u / COLUMNS, t % K4, fetches_pixels);
  let place = select(u % COLUMNS, t / K4, fetches_pixels);
  let radius = (params.kernel - 1) / 2;
  let row = (row0 + place / 2) * params.stride - radius;
  let column = (column0 + place % 2 * 4) * params.stride - radius;

  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  var b0 = vec4f();
  var b1 = vec4f();
  if (MODE == 1u) {
    b0 = vec4f(bias[min(o0 + o, params.target4 - 1)]);
    b1 = vec4f(bias[min(o0 + o + ACROSS_N, params.target4 - 1)]);
  }
  // The bias is where the sums are f32.
  var s = Sums();
  var total = Totals();
  if (CHUNK == 0) {
    let p0 = product4(b0);
    let p1 = product4(b1);
    s = Sums(p0, p0, p0, p0, p0, p0, p0, p0, p1, p1, p1, p1, p1, p1, p1, p1);
  } else {
    total = Totals(b0, b0, b0, b0, b0, b0, b0, b0, b1, b1, b1, b1, b1, b1, b1, b1);
  }

  let steps = (params.a4 + params.b4 + K4 - 1) / K4 * params.kernel * params.kernel;
  var ky = 0;
  var kx = 0;
  var c = vec;
  // Fetched in one round, multiplied in the next: the loads have a whole round of multiply-adds to come back.
  for (var step = -1; step < steps; step++) {
    var held = Four();
    if (step + 1 < steps) {
      if (fetches_pixels) {
        held = transposed(Four(
          pixel(n, row + ky, column + kx, c),
          pixel(n, row + ky, column + params.stride + kx, c),
          pixel(n, row + ky, column + 2 * params.stride + kx, c),
          pixel(n, row + ky, column + 3 * params.stride + kx, c),
        ));
      } else if (fetches_weights) {
        held = weights(n, ky * params.kernel + kx, c, o0 + place);
        if (MODE == 0u) { held = transposed(held); }
      }
      kx++;
      if (kx == params.kernel) {
        kx = 0;
        ky++;
        if (ky == params.kernel) {
          ky = 0;
          c += K4;
        }
      }
    }
    if (step >= 0) {
      multiply(&s, step & 1, m, o);
      if (CHUNK != 0) {
        if (step % max(CHUNK, 1) == CHUNK - 1) {
          total = added(total, s);
          s = Sums();
        }
      }
    }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + vec * 4;
      if (fetches_pixels) {
        tile_a[k * QUADS + place] = held.v0;
        tile_a[(k + 1) * QUADS + place] = held.v1;
        tile_a[(k + 2) * QUADS + place] = held.v2;
        tile_a[(k + 3) * QUADS + place] = held.v3;
      } else if (fetches_weights) {
        tile_b[k * COLUMNS + place] = held.v0;
        tile_b[(k + 1) * COLUMNS + place] = held.v1;
        tile_b[(k + 2) * COLUMNS + place] = held.v2;
        tile_b[(k + 3) * COLUMNS + place] = held.v3;
      }
    }
    workgroupBarrier();
  }

  total = added(total, s);
  let near = row0 + m / 2;
  let far = row0 + (m + ACROSS_M) / 2;
  let first = column0 + m % 2 * 4;
  store(n, near, first, o0 + o, Pixels(total.s0, total.s1, total.s2, total.s3));
  store(n, far, first, o0 + o, Pixels(total.s4, total.s5, total.s6, total.s7));
  if (VECS == 2) {
    store(n, near, first, o0 + o + ACROSS_N, Pixels(total.t0, total.t1, total.t2, total.t3));
    store(n, far, first, o0 + o + ACROSS_N, Pixels(total.t4, total.t5, total.t6, total.t7));
  }
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4]; f32 or f16, summed in f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = vec4f(bias[o]);
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = vec4f(a[at_a + c]); } else { v = vec4f(b[at_b + c - params.a4]); }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), vec4f(w[t]), sum);
        sum = fma(vec4f(v.y), vec4f(w[t + params.out4]), sum);
        sum = fma(vec4f(v.z), vec4f(w[t + 2 * params.out4]), sum);
        sum = fma(vec4f(v.w), vec4f(w[t + 3 * params.out4]), sum);
      }
    }
  }
  y[index] = result4(activate(sum));
}
`,conv2d_pack:`// Rearranges the weights of 3×3 convolutions for conv2d_tile8 and conv2d_tile8x4, those of many layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs, padded with zeros, and from
// job.bias on [out4] vec4; f32 or f16.
// packed, from vec4 job.packed on: blocks of 8 results, \`job.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, all f32, for
// the source's channels 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results, all nine taps.
struct Job {
  weight: i32, bias: i32, packed: i32,
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= job.count) { return; }
  let half = index & 1;
  let source = (index >> 1u) % job.source4;
  let block = (index >> 1u) / job.source4;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, job.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = job.source_first4 + source;
  let first = job.packed + block * job.block_vec4s + half;
  var tap = 0;
  loop {
    let to = first + (tap * job.source4 + source) * 8;
    if (FORWARD == 1u) {
      let at = job.weight + (tap * job.in4 + channel) * 4 * job.out4 + kept;
      packed[to] = is * vec4f(weights[at]);
      packed[to + 2] = is * vec4f(weights[at + job.out4]);
      packed[to + 4] = is * vec4f(weights[at + 2 * job.out4]);
      packed[to + 6] = is * vec4f(weights[at + 3 * job.out4]);
    } else {
      let at = job.weight + ((8 - tap) * job.in4 + job.first4 + kept) * 4 * job.out4 + channel;
      let v0 = is * vec4f(weights[at]);
      let v1 = is * vec4f(weights[at + job.out4]);
      let v2 = is * vec4f(weights[at + 2 * job.out4]);
      let v3 = is * vec4f(weights[at + 3 * job.out4]);
      packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
      packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
      packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
      packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
    }
    tap++;
    if (tap >= 9) { break; }
  }
  if (source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * vec4f(weights[job.bias + kept]); }
    packed[first + 72 * job.source4] = value;
  }
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation (in workgroups of WORKGROUP):
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: channels 4·first4 .. 4·(first4 + in4) of one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift is 1 (nearest upsampling
// by the address). Of joined sources, or parts of one, the first is run with params.activation 0, and the others add to it (MODE 2).
// y: [N,H,W,4·out4], f32 or f16; sums are f32. Channels beyond the tensor's own are zero.
// w: f32, blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, blocks: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;
// 0: blocks lie along z, so that all lanes read the same weights. 1: blocks follow each other among the lanes, so that few tiles fill
// them as well: on a processor a load costs the same whatever the lanes read.
override BLOCKS_IN_LANES: u32 = 0u;

// Which tile of \`tiles\` and which block of outputs an invocation owns; \`inside\` is false where there is none.
struct Place {
  tile: i32,
  block: i32,
  inside: bool,
}

fn place(id: vec3u, group: vec3u, groups: vec3u, tiles: i32) -> Place {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (BLOCKS_IN_LANES == 1u) { return Place(index % tiles, index / tiles, index < tiles * params.blocks); }
  return Place(index, i32(group.z), index < tiles);
}

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  let v = vec4f(x[(base + (kept >> params.shift)) * params.x4 + params.first4 + c]);
  return select(vec4f(), v, inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    vec4f(y[at]),
    vec4f(y[at + min(1, last) * params.out4]),
    vec4f(y[at + min(2, last) * params.out4]),
    vec4f(y[at + min(3, last) * params.out4]),
    vec4f(y[at + min(4, last) * params.out4]),
    vec4f(y[at + min(5, last) * params.out4]),
    vec4f(y[at + min(6, last) * params.out4]),
    vec4f(y[at + min(7, last) * params.out4]),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let at_place = place(id, group, groups, params.batch * across * params.height);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    var ky = 0;
    loop {
      let v = pixels(n, y0 + ky - 1, x0, c);
      let first = block + (ky * 3 * params.in4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
      ky++;
      if (ky >= 3) { break; }
    }
    c++;
    if (c >= params.in4) { break; }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 4·OUTPUTS4 outputs (4, 8 or 16: one, two or four vec4s; 16 are two blocks of weights): up to 128 vec4
// accumulators, no barrier, no workgroup memory. On a software adapter a load of a vec4 costs as much as twenty multiply-adds of one, from
// a storage buffer twice that: so the tile is large, every pixel and weight is loaded once for each four inputs, and the sums spill to
// the stack, which is cheap. A compiler that takes long over straight code (SwiftShader's: minutes) is better served by conv2d_tile8.

// Four rows of eight pixels, four channels.
struct Tile {
  r0: Sums,
  r1: Sums,
  r2: Sums,
  r3: Sums,
}

fn filled(value: vec4f) -> Tile { return Tile(eight(value), eight(value), eight(value), eight(value)); }

// A kernel's nine taps, row by row.
struct Kernel {
  w00: Tap,
  w01: Tap,
  w02: Tap,
  w10: Tap,
  w11: Tap,
  w12: Tap,
  w20: Tap,
  w21: Tap,
  w22: Tap,
}

// The taps from \`first\` on, \`step\` apart.
fn kernel(first: i32, step: i32) -> Kernel {
  return Kernel(
    tap(first),
    tap(first + step),
    tap(first + 2 * step),
    tap(first + 3 * step),
    tap(first + 4 * step),
    tap(first + 5 * step),
    tap(first + 6 * step),
    tap(first + 7 * step),
    tap(first + 8 * step),
  );
}

// Adds what a row of pixels gives to a row of results that meets it with the kernel's first, second or third row.
fn first_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w00, k.w01, k.w02); }
fn second_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w10, k.w11, k.w12); }
fn third_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w20, k.w21, k.w22); }

// Adds what each of the six rows of pixels that a tile meets gives to it.
fn add0(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(first_row(s.r0, v, k), s.r1, s.r2, s.r3); }
fn add1(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(second_row(s.r0, v, k), first_row(s.r1, v, k), s.r2, s.r3); }
fn add2(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(third_row(s.r0, v, k), second_row(s.r1, v, k), first_row(s.r2, v, k), s.r3);
}
fn add3(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(s.r0, third_row(s.r1, v, k), second_row(s.r2, v, k), first_row(s.r3, v, k));
}
fn add4(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, third_row(s.r2, v, k), second_row(s.r3, v, k)); }
fn add5(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, s.r2, third_row(s.r3, v, k)); }

// What y holds, to add to, from the tile's first pixel on; \`below\` rows are inside of the image. What is outside reads inside, and is not stored.
fn tile_loaded(at: i32, row: i32, below: i32, last: i32) -> Tile {
  return Tile(
    loaded(at, last),
    loaded(at + min(1, below) * row, last),
    loaded(at + min(2, below) * row, last),
    loaded(at + min(3, below) * row, last),
  );
}

fn tile_store(at: i32, row: i32, below: i32, last: i32, s: Tile) {
  store(at, last, s.r0);
  if (below >= 1) { store(at + row, last, s.r1); }
  if (below >= 2) { store(at + 2 * row, last, s.r2); }
  if (below >= 3) { store(at + 3 * row, last, s.r3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  // Of four outputs, the first half of a block; of sixteen, two blocks.
  let block = at_place.block * ((OUTPUTS4 + 1) / 2) * params.block_vec4s;
  let out = params.first_block * 2 + at_place.block * OUTPUTS4;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = filled(w[bias]);
  var s1 = filled(w[bias + 1]);
  var s2 = filled(w[bias + params.block_vec4s]);
  var s3 = filled(w[bias + params.block_vec4s + 1]);
  if (MODE == 2u) {
    let more = params.out4 - 1 - out;
    s0 = tile_loaded(at, row, below, last);
    if (OUTPUTS4 > 1) { s1 = tile_loaded(at + min(1, more), row, below, last); }
    if (OUTPUTS4 > 2) {
      s2 = tile_loaded(at + min(2, more), row, below, last);
      s3 = tile_loaded(at + min(3, more), row, below, last);
    }
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let first = block + c * 8;
    // What is not used is not loaded.
    let k0 = kernel(first, step);
    let k1 = kernel(first + 1, step);
    let k2 = kernel(first + params.block_vec4s, step);
    let k3 = kernel(first + params.block_vec4s + 1, step);
    let v0 = pixels(n, y0 - 1, x0, c);
    s0 = add0(s0, v0, k0);
    if (OUTPUTS4 > 1) { s1 = add0(s1, v0, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add0(s2, v0, k2);
      s3 = add0(s3, v0, k3);
    }
    let v1 = pixels(n, y0, x0, c);
    s0 = add1(s0, v1, k0);
    if (OUTPUTS4 > 1) { s1 = add1(s1, v1, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add1(s2, v1, k2);
      s3 = add1(s3, v1, k3);
    }
    let v2 = pixels(n, y0 + 1, x0, c);
    s0 = add2(s0, v2, k0);
    if (OUTPUTS4 > 1) { s1 = add2(s1, v2, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add2(s2, v2, k2);
      s3 = add2(s3, v2, k3);
    }
    let v3 = pixels(n, y0 + 2, x0, c);
    s0 = add3(s0, v3, k0);
    if (OUTPUTS4 > 1) { s1 = add3(s1, v3, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add3(s2, v3, k2);
      s3 = add3(s3, v3, k3);
    }
    let v4 = pixels(n, y0 + 3, x0, c);
    s0 = add4(s0, v4, k0);
    if (OUTPUTS4 > 1) { s1 = add4(s1, v4, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add4(s2, v4, k2);
      s3 = add4(s3, v4, k3);
    }
    let v5 = pixels(n, y0 + 4, x0, c);
    s0 = add5(s0, v5, k0);
    if (OUTPUTS4 > 1) { s1 = add5(s1, v5, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add5(s2, v5, k2);
      s3 = add5(s3, v5, k3);
    }
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  tile_store(at, row, below, last, s0);
  if (OUTPUTS4 > 1 && out + 1 < params.out4) { tile_store(at + 1, row, below, last, s1); }
  if (OUTPUTS4 > 2 && out + 2 < params.out4) { tile_store(at + 2, row, below, last, s2); }
  if (OUTPUTS4 > 2 && out + 3 < params.out4) { tile_store(at + 3, row, below, last, s3); }
}
`,conv2d_weight_grad_gemm:`// Weight gradient of a k×k convolution, any stride, as a matrix product (on top of gemm_tile.wgsl, K4 = 2): rows are taps and inputs,
// columns outputs, k runs over the pixels of a slice, eight of a row at a time:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order, so the same run gives the same bits.
// A quad of rows is a tap by four inputs, and taps follow each other without a gap: of three channels, nine quads are one tile.
// Both factors lie in memory as the product wants them, so a fetch is a copy.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  rows: i32, kernel: i32, stride: i32, across: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Four inputs that a tap meets at a pixel of dy; outside of the image and beyond the last tap zero.
fn input(n: i32, row: i32, column: i32, quad: i32) -> vec4f {
  let taps = params.kernel * params.kernel;
  let tap = min(quad / params.in4, taps - 1);
  let radius = (params.kernel - 1) / 2;
  let y = row * params.stride + tap / params.kernel - radius;
  let z = column * params.stride + tap % params.kernel - radius;
  let kept_y = clamp(y, 0, params.height - 1);
  let kept_z = clamp(z, 0, params.width - 1);
  let base = (n * (params.height >> params.shift) + (kept_y >> params.shift)) * (params.width >> params.shift);
  let v = x[(base + (kept_z >> params.shift)) * params.in4 + quad % params.in4];
  return select(vec4f(), v, y == kept_y && z == kept_z && quad < taps * params.in4);
}

// Four outputs of a pixel of dy; beyond the row and the last output zero.
fn gradient(row: i32, column: i32, o: i32) -> vec4f {
  let v = dy[(row * params.out_width + min(column, params.out_width - 1)) * params.out4 + min(o, params.out4 - 1)];
  return select(vec4f(), v, column < params.out_width && o < params.out4);
}

// Stores four inputs of a tap by four outputs, where there are such.
fn store(slice: i32, quad: i32, o: i32, f: Four) {
  let taps = params.kernel * params.kernel;
  if (quad >= taps * params.in4 || o >= params.out4) { return; }
  let c = params.first4 + quad % params.in4;
  let at = ((slice * taps + quad / params.in4) * params.total4 + c) * 4 * params.out4 + o;
  partials[at] = f.v0;
  partials[at + params.out4] = f.v1;
  partials[at + 2 * params.out4] = f.v2;
  partials[at + 3 * params.out4] = f.v3;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let quad0 = i32(group.x) / params.across * QUADS;
  let o0 = i32(group.x) % params.across * COLUMNS;
  let slice = i32(group.z);
  let t = i32(local);
  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  // Each fetches of one pixel of eight: every eighth quad of rows, and every eighth vec4 of columns.
  let px = t / 8;
  let lane = t % 8;
  let first_row = slice * params.rows;
  let last_row = min(first_row + params.rows, params.batch * params.out_height);
  let a_row = (params.out_width + 7) / 8;
  let steps = (last_row - first_row) * a_row;

  var s = Sums();
  var row = first_row;
  var column = 0;
  for (var step = -1; step < steps; step++) {
    var a = Four();
    var b0 = vec4f();
    var b1 = vec4f();
    if (step + 1 < steps) {
      let n = row / params.out_height;
      let y = row % params.out_height;
      a.v0 = input(n, y, column + px, quad0 + lane);
      a.v1 = input(n, y, column + px, quad0 + lane + 8);
      if (QUADS == 32) {
        a.v2 = input(n, y, column + px, quad0 + lane + 16);
        a.v3 = input(n, y, column + px, quad0 + lane + 24);
      }
      // The input may be inside where the pixel of dy is not: one of the factors is zero there.
      b0 = gradient(row, column + px, o0 + lane);
      if (COLUMNS == 16) { b1 = gradient(row, column + px, o0 + lane + 8); }
      column += 8;
      if (column >= params.out_width) {
        column = 0;
        row++;
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + px;
      tile_a[k * QUADS + lane] = a.v0;
      tile_a[k * QUADS + lane + 8] = a.v1;
      if (QUADS == 32) {
        tile_a[k * QUADS + lane + 16] = a.v2;
        tile_a[k * QUADS + lane + 24] = a.v3;
      }
      if (lane < COLUMNS) { tile_b[k * COLUMNS + lane] = b0; }
      if (COLUMNS == 16) { tile_b[k * COLUMNS + lane + 8] = b1; }
    }
    workgroupBarrier();
  }

  store(slice, quad0 + m, o0 + o, Four(s.s0, s.s1, s.s2, s.s3));
  store(slice, quad0 + m + ACROSS_M, o0 + o, Four(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(slice, quad0 + m, o0 + o + ACROSS_N, Four(s.t0, s.t1, s.t2, s.t3));
    store(slice, quad0 + m + ACROSS_M, o0 + o + ACROSS_N, Four(s.t4, s.t5, s.t6, s.t7));
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: slices of params.slice_vec4s vec4 f32: [9][all inputs, 4·total4][out4], then, where params.bias_at is not 0, zeros up to there and
// the bias gradient [out4], the sum of dy, which is read here anyway. sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();
  var bias0 = vec4f();
  var bias1 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  var row = slice * params.rows;
  loop {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    var column = 0;
    loop {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      bias0 += d00 + d10;
      bias1 += d01 + d11;
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
      column += 2;
      if (column >= params.width) { break; }
    }
    row++;
    if (row >= end) { break; }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + ky * 3 * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && ky == 0 && c0 == 0) {
    let bias = slice * params.slice_vec4s + params.bias_at;
    partials[bias + o0] = bias0;
    if (o1 != o0) { partials[bias + o1] = bias1; }
    if (o0 == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias; i++) { partials[i] = vec4f(); }
    }
  }
}
`,extremes:`// Which values of the picture x: [pixels][c4] vec4 f32 are extreme. WHOLE 0: those with x ≤ 0 or x ≥ 1, each by itself. WHOLE 1: those of holes, pixels
// whose channels are all ≤ 0 or all ≥ 1. The kernel that includes it declares x and the params c4 and channels.
override WHOLE: u32 = 0u;

fn extremes_of(index: i32) -> vec4<bool> {
  if (WHOLE == 0u) {
    let value = x[index];
    return (value <= vec4f(0.0)) | (value >= vec4f(1.0));
  }
  let first = index - index % params.c4;
  var black = true;
  var white = true;
  for (var part = 0; part < params.c4; part++) {
    let value = x[first + part];
    let empty = part * 4 + vec4i(0, 1, 2, 3) >= vec4i(params.channels);
    black = black && all(empty | (value <= vec4f(0.0)));
    white = white && all(empty | (value >= vec4f(1.0)));
  }
  return vec4<bool>(black || white);
}
`,fill_holes:`// Filling of holes, pixels whose channels are all ≤ 0 or all ≥ 1: y is the mean of the other pixels in the square of 2·RADIUS + 1 around, weighted
// by distance^-6 (inverse distance weighting, Shepard 1968), or x where there are none; y = x elsewhere. Nothing lies beyond the border.
// x, y: [images][height][width][c4] vec4 f32.
// An invocation owns one vec4 of a pixel.
struct Params { count: i32, height: i32, width: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

const RADIUS = 3;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  if (!extremes_of(index).x) {
    y[index] = value;
    return;
  }
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = pixel / params.width % params.height;
  var sum = vec4f();
  var total = 0.0;
  for (var dy = max(-RADIUS, -row); dy <= min(RADIUS, params.height - 1 - row); dy++) {
    for (var dx = max(-RADIUS, -column); dx <= min(RADIUS, params.width - 1 - column); dx++) {
      let near = index + (dy * params.width + dx) * params.c4;
      if (extremes_of(near).x) { continue; }
      let squared = f32(dy * dy + dx * dx);
      let weight = 1.0 / (squared * squared * squared);
      sum += weight * x[near];
      total += weight;
    }
  }
  y[index] = select(value, sum / max(total, 1e-9), total > 0.0);
}
`,gemm_tile:`// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after \`const M\`, \`N\`, \`VECS\` and \`K4\` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
// Both lie there as tile4, and are multiplied and added up as product4: vec4s of f32 or of f16.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<tile4, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<tile4, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: product4,
  s1: product4,
  s2: product4,
  s3: product4,
  s4: product4,
  s5: product4,
  s6: product4,
  s7: product4,
  t0: product4,
  t1: product4,
  t2: product4,
  t3: product4,
  t4: product4,
  t5: product4,
  t6: product4,
  t7: product4,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: tile4,
  v1: tile4,
  v2: tile4,
  v3: tile4,
}

fn transposed(f: Four) -> Four {
  return Four(
    tile4(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    tile4(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    tile4(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    tile4(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = product4(tile_a[k * QUADS + m]);
    let a1 = product4(tile_a[k * QUADS + m + ACROSS_M]);
    let b0 = product4(tile_b[k * COLUMNS + n]);
    (*s).s0 = fma(product4(a0.x), b0, (*s).s0);
    (*s).s1 = fma(product4(a0.y), b0, (*s).s1);
    (*s).s2 = fma(product4(a0.z), b0, (*s).s2);
    (*s).s3 = fma(product4(a0.w), b0, (*s).s3);
    (*s).s4 = fma(product4(a1.x), b0, (*s).s4);
    (*s).s5 = fma(product4(a1.y), b0, (*s).s5);
    (*s).s6 = fma(product4(a1.z), b0, (*s).s6);
    (*s).s7 = fma(product4(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = product4(tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N]);
      (*s).t0 = fma(product4(a0.x), b1, (*s).t0);
      (*s).t1 = fma(product4(a0.y), b1, (*s).t1);
      (*s).t2 = fma(product4(a0.z), b1, (*s).t2);
      (*s).t3 = fma(product4(a0.w), b1, (*s).t3);
      (*s).t4 = fma(product4(a1.x), b1, (*s).t4);
      (*s).t5 = fma(product4(a1.y), b1, (*s).t5);
      (*s).t6 = fma(product4(a1.z), b1, (*s).t6);
      (*s).t7 = fma(product4(a1.w), b1, (*s).t7);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// KIND 3, PSNR: mean over images of k ln(1 + E / ε), dy = k / (E + ε) · (2d + 2W·m) / M, where E is the image's mean squared error, its colour term
// included, k = 1e-2 / ln 10 and ε = 1e-4. Each of an image's elements adds the same.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// COLOUR 1: adds W·m², where m is the mean of d over the pixels of that image and channel, from sums = Σ d: [images][c4] vec4. Each of an
// image's pixels adds the same m², so that the mean over all elements is the mean over images and channels; dy gets 2W·m / M.
// Σ d² comes as squares: [images][c4] vec4, read by KIND 3 alone.
// WEIGHTED 1: the terms and gradients of image n, the colour term's too, are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params {
  count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32, per_pixel: f32, colour_weight: f32
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read> squares: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override COLOUR: u32 = 0u;
override WEIGHTED: u32 = 0u;

const PSNR = 3u;
const PSNR_SCALE = 0.004342944819;
const PSNR_FLOOR = 1e-4;

// Mean over an image's channels of the squared error, the colour term included.
fn image_error(image: i32) -> f32 {
  var error = vec4f();
  for (var column = image * params.c4; column < (image + 1) * params.c4; column++) {
    error += squares[column] * params.per_pixel;
    if (COLOUR == 1u) {
      let mean = sums[column] * params.per_pixel;
      error += params.colour_weight * mean * mean;
    }
  }
  return ((error.x + error.y) + (error.z + error.w)) / f32(params.channels);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u || KIND == PSNR) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (COLOUR == 1u) {
      let mean = sums[index / params.image_vec4s * params.c4 + index % params.c4] * params.per_pixel;
      value += params.colour_weight * mean * mean;
      gradient += 2.0 * params.colour_weight * mean;
    }
    let image = index / params.image_vec4s;
    if (KIND == PSNR) {
      let error = image_error(image);
      value = vec4f(PSNR_SCALE * log(1.0 + error / PSNR_FLOOR));
      gradient *= PSNR_SCALE / (error + PSNR_FLOOR);
    }
    if (WEIGHTED == 1u) {
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,loss_errors:`// Sums of the errors d = y - target, or with SQUARED 1 of d², over an image's pixels, each slice of them on its own; sum_slices adds the slices in order.
// y, target: [images][pixels][c4] vec4 f32; partials: [slices][images][c4] vec4 f32. The colour term and the PSNR of loss.wgsl take the sums.
// An invocation owns one slice of one image's pixels, in four channels.
struct Params { images: i32, pixels: i32, c4: i32, slice_pixels: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

override SQUARED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let columns = params.images * params.c4;
  if (index >= columns * params.slices) { return; }
  let slice = index / columns;
  let column = index % columns;
  let image = column / params.c4;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = first; pixel < end; pixel++) {
    let at = (image * params.pixels + pixel) * params.c4 + column % params.c4;
    let d = y[at] - goal[at];
    sum += select(d, d * d, SQUARED == 1u);
  }
  partials[index] = sum;
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4], y: [N,⌈H/2⌉,⌈W/2⌉,4·c4], both f32 or f16, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C], y: [N,f·H,f·W,C], both f32 or f16; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = value4(
    x[start],
    select(value(), x[start + min(1, left - 1)], left > 1),
    select(value(), x[start + min(2, left - 1)], left > 2),
    select(value(), x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C] f32, activated: the shuffled tensor x, dx: [N,H,W,f²·C] f32, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return dy[fine * 4 * params.y_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,probe_copy:`// Probe of the adapter's memory: copy = source, both [count] vec4 f32. An invocation owns one vec4, neighbours own neighbours.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  copy[index] = source[index];
}
`,probe_fma:`// Probe of the adapter's rate of multiply-adds: sixteen chains of vec4 fma that stay in registers, \`rounds\` × 64 of them an invocation.
// a ← a·x + y converges, so nothing overflows and nothing is known before the kernel runs. sink: [count] vec4 f32, only so that the work
// has a result. An invocation owns one vec4 of it.
struct Params { count: i32 }
struct Work { rounds: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> work: Work;
@group(0) @binding(2) var<storage, read_write> sink: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let seed = f32(index % 1024) / 1024.0;
  let x = vec4f(0.5, 0.25, 0.75, 0.125) * (seed + 0.25);
  let y = vec4f(0.1, 0.2, 0.3, 0.4);
  var a0 = x; var a1 = x + 1.0; var a2 = x + 2.0; var a3 = x + 3.0;
  var a4 = x + 4.0; var a5 = x + 5.0; var a6 = x + 6.0; var a7 = x + 7.0;
  var a8 = x + 8.0; var a9 = x + 9.0; var a10 = x + 10.0; var a11 = x + 11.0;
  var a12 = x + 12.0; var a13 = x + 13.0; var a14 = x + 14.0; var a15 = x + 15.0;
  let rounds = i32(work.rounds);
  for (var i = 0; i < rounds; i++) {
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
  }
  sink[index] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15;
}
`,residual_grad:`// Gradients of a residual block's s = r + y, y = activate(v), of which s and r are kept, and y is not: dv = slope of y * ds takes the place of
// ds, which nobody needs any more, and dr = slope of r * ds is added to what dr holds when params.accumulate is set.
// The slope of y is read off the sign of s - r: a positive y that is too small to change r counts as one below zero.
// Elementwise over vec4 f32; an invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_y: u32, activation_r: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> s: array<vec4f>;
@group(0) @binding(2) var<storage, read> r: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> ds: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dr: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = ds[index];
  let term = r[index];
  ds[index] = gradient * slope_as(s[index] - term, params.activation_y);
  var to_r = gradient * slope_as(term, params.activation_r);
  if (params.accumulate != 0) { to_r += dr[index]; }
  dr[index] = to_r;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  var index = slice * params.slice_vec4s;
  loop {
    sum = fma(g[index], g[index], sum);
    index++;
    if (index >= end) { break; }
  }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable. Several sums at
// once: a job for each. partials, from vec4 job.partials on: [slices][count] vec4 f32; total, from vec4 job.total on: [count] vec4 f32, added to
// what it holds when job.accumulate is set.
struct Job { partials: i32, total: i32, count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= job.count) { return; }
  var sum = vec4f();
  var slice = 0;
  loop {
    sum += partials[job.partials + slice * job.count + index];
    slice++;
    if (slice >= job.slices) { break; }
  }
  if (job.accumulate != 0) { sum += total[job.total + index]; }
  total[job.total + index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4], y: [N,2H,2W,4·c4], both f32 or f16. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = vec4f(x[(near_row * params.width + near_column) * params.c4 + c]);
  if (BILINEAR == 0u) {
    y[index] = value4(near);
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = vec4f(x[(near_row * params.width + far_column) * params.c4 + c]);
    let over = vec4f(x[(far_row * params.width + near_column) * params.c4 + c]);
    let across = vec4f(x[(far_row * params.width + far_column) * params.c4 + c]);
    y[index] = value4(0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across);
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,winograd_input:`// Tiles of an image for Winograd F(TILE×TILE, 3×3): V = Bᵀ d B, where d are the (TILE+2)² pixels that a tile of TILE² results meets.
// x: one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift = 1 (nearest upsampling by the address), its channels from
// 4·first4 on among the 4·source4. v: [(TILE+2)²][params.stored tiles][4·source4], f32 or f16: tiles first .. first + count of the image, by rows.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, x4: i32, first4: i32, source4: i32, shift: u32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read_write> v: array<transformed4>;

// Six values: pixels of a row, or what becomes of them. Of F(2×2, 3×3) the first four.
struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// Bᵀ times a column.
fn spread(d: Six) -> Six {
  if (TILE == 2) { return Six(d.x0 - d.x2, d.x1 + d.x2, d.x2 - d.x1, d.x1 - d.x3, vec4f(), vec4f()); }
  return Six(
    4.0 * d.x0 - 5.0 * d.x2 + d.x4,
    (d.x4 - 4.0 * d.x2) + (d.x3 - 4.0 * d.x1),
    (d.x4 - 4.0 * d.x2) - (d.x3 - 4.0 * d.x1),
    (d.x4 - d.x2) + 2.0 * (d.x3 - d.x1),
    (d.x4 - d.x2) - 2.0 * (d.x3 - d.x1),
    4.0 * d.x1 - 5.0 * d.x3 + d.x5,
  );
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.x4 + c]), inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  var d = Six();
  d.x0 = pixel(base, column, c, inside);
  d.x1 = pixel(base, column + 1, c, inside);
  d.x2 = pixel(base, column + 2, c, inside);
  d.x3 = pixel(base, column + 3, c, inside);
  if (TILE == 4) {
    d.x4 = pixel(base, column + 4, c, inside);
    d.x5 = pixel(base, column + 5, c, inside);
  }
  return d;
}

fn store(column: i32, at: i32, step: i32, d: Six) {
  let s = spread(d);
  v[at + column * step] = transformed4(s.x0);
  v[at + (TILE + 2 + column) * step] = transformed4(s.x1);
  v[at + (2 * (TILE + 2) + column) * step] = transformed4(s.x2);
  v[at + (3 * (TILE + 2) + column) * step] = transformed4(s.x3);
  if (TILE == 4) {
    v[at + (4 * (TILE + 2) + column) * step] = transformed4(s.x4);
    v[at + (5 * (TILE + 2) + column) * step] = transformed4(s.x5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.count * params.x4) { return; }
  let c = index % params.x4;
  let place = index / params.x4;
  let tile = params.first + place;
  let column = tile % params.across * TILE - 1;
  let row = tile / params.across % params.down * TILE - 1;
  let n = tile / (params.across * params.down);

  let r0 = spread(pixels(n, row, column, c));
  let r1 = spread(pixels(n, row + 1, column, c));
  let r2 = spread(pixels(n, row + 2, column, c));
  let r3 = spread(pixels(n, row + 3, column, c));
  var r4 = Six();
  var r5 = Six();
  if (TILE == 4) {
    r4 = spread(pixels(n, row + 4, column, c));
    r5 = spread(pixels(n, row + 5, column, c));
  }
  let step = params.stored * params.source4;
  let at = place * params.source4 + params.first4 + c;
  store(0, at, step, Six(r0.x0, r1.x0, r2.x0, r3.x0, r4.x0, r5.x0));
  store(1, at, step, Six(r0.x1, r1.x1, r2.x1, r3.x1, r4.x1, r5.x1));
  store(2, at, step, Six(r0.x2, r1.x2, r2.x2, r3.x2, r4.x2, r5.x2));
  store(3, at, step, Six(r0.x3, r1.x3, r2.x3, r3.x3, r4.x3, r5.x3));
  if (TILE == 4) {
    store(4, at, step, Six(r0.x4, r1.x4, r2.x4, r3.x4, r4.x4, r5.x4));
    store(5, at, step, Six(r0.x5, r1.x5, r2.x5, r3.x5, r4.x5, r5.x5));
  }
}
`,winograd_output:`// The result of a convolution from its products in the space of Winograd F(TILE×TILE, 3×3): Y = Aᵀ M A, then bias and activation
// (FORWARD 1), or the slope of the activation at \`activated\`, added to what y holds when params.accumulate is set (FORWARD 0).
// m: [(TILE+2)²][params.stored tiles][4·target4], tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4]; each f32 or f16.
// An invocation makes four channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<transformed4>;
@group(0) @binding(2) var<storage, read> bias: array<weight4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

override FORWARD: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

struct Four {
  y0: vec4f,
  y1: vec4f,
  y2: vec4f,
  y3: vec4f,
}

// Aᵀ times a column of six; of F(2×2, 3×3) four go in and two come out.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Four {
  if (TILE == 2) { return Four(m0 + m1 + m2, m1 - m2 - m3, vec4f(), vec4f()); }
  let even = m1 + m2;
  let odd = m1 - m2;
  let far_even = m3 + m4;
  let far_odd = m3 - m4;
  return Four(
    m0 + even + far_even,
    odd + 2.0 * far_odd,
    even + 4.0 * far_even,
    odd + 8.0 * far_odd + m5,
  );
}

// A row of m, gathered.
fn row_of(i: i32, at: i32, step: i32) -> Four {
  let first = at + i * (TILE + 2) * step;
  var far4 = vec4f();
  var far5 = vec4f();
  if (TILE == 4) {
    far4 = vec4f(m[first + 4 * step]);
    far5 = vec4f(m[first + 5 * step]);
  }
  return gather(
    vec4f(m[first]),
    vec4f(m[first + step]),
    vec4f(m[first + 2 * step]),
    vec4f(m[first + 3 * step]),
    far4,
    far5,
  );
}

fn put(at: i32, value: vec4f, added: vec4f) {
  if (FORWARD == 1u) {
    var result = activate_as(value + added, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  }
}

// Stores those of a column of results that are inside of the image.
fn put_column(at: i32, row: i32, column: i32, f: Four, added: vec4f) {
  if (column >= params.width) { return; }
  let down = params.width * params.target4;
  put(at, f.y0, added);
  if (row + 1 < params.height) { put(at + down, f.y1, added); }
  if (TILE == 4) {
    if (row + 2 < params.height) { put(at + 2 * down, f.y2, added); }
    if (row + 3 < params.height) { put(at + 3 * down, f.y3, added); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.count * params.target4) { return; }
  let c = index % params.target4;
  let tile = params.first + index / params.target4;
  let column = tile % params.across * TILE;
  let row = tile / params.across % params.down * TILE;
  let n = tile / (params.across * params.down);

  let step = params.stored * params.target4;
  let r0 = row_of(0, index, step);
  let r1 = row_of(1, index, step);
  let r2 = row_of(2, index, step);
  let r3 = row_of(3, index, step);
  var r4 = Four();
  var r5 = Four();
  if (TILE == 4) {
    r4 = row_of(4, index, step);
    r5 = row_of(5, index, step);
  }
  var added = vec4f();
  if (FORWARD == 1u) { added = vec4f(bias[c]); }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + c;
  put_column(at, row, column, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0), added);
  put_column(at + params.target4, row, column + 1, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1), added);
  if (TILE == 4) {
    put_column(at + 2 * params.target4, row, column + 2, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2), added);
    put_column(at + 3 * params.target4, row, column + 3, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3), added);
  }
}
`,winograd_product:`// Products in the space of Winograd's tiles without workgroup memory, for adapters where a barrier is dear and registers are not:
// m[e][t][:] = sum over c of v[e][t][c] * u[e][c][:].
// v: [parts][rows][4·source4] f32, u: [parts][4·source4][target4] vec4, m: [parts][rows][4·target4] f32; rows is a multiple of 16.
// An invocation owns 16 rows by 16 columns (64 vec4 accumulators): 32 loads for 256 multiply-adds of vec4s.
struct Params { parts: i32, rows: i32, source4: i32, target4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> u: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;

// Sixteen rows, four channels.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
  r8: vec4f,
  r9: vec4f,
  r10: vec4f,
  r11: vec4f,
  r12: vec4f,
  r13: vec4f,
  r14: vec4f,
  r15: vec4f,
}

// Sixteen rows of v.
fn rows(at: i32) -> Rows {
  return Rows(
    v[at + 0 * params.source4],
    v[at + 1 * params.source4],
    v[at + 2 * params.source4],
    v[at + 3 * params.source4],
    v[at + 4 * params.source4],
    v[at + 5 * params.source4],
    v[at + 6 * params.source4],
    v[at + 7 * params.source4],
    v[at + 8 * params.source4],
    v[at + 9 * params.source4],
    v[at + 10 * params.source4],
    v[at + 11 * params.source4],
    v[at + 12 * params.source4],
    v[at + 13 * params.source4],
    v[at + 14 * params.source4],
    v[at + 15 * params.source4],
  );
}

fn mac(sum: vec4f, x: vec4f, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> vec4f {
  return fma(i3, vec4f(x.w), fma(i2, vec4f(x.z), fma(i1, vec4f(x.y), fma(i0, vec4f(x.x), sum))));
}

// Adds the products of four channels with the four weights of each that lie params.target4 apart.
fn add(s: Rows, x: Rows, at: i32) -> Rows {
  let i0 = u[at];
  let i1 = u[at + params.target4];
  let i2 = u[at + 2 * params.target4];
  let i3 = u[at + 3 * params.target4];
  return Rows(
    mac(s.r0, x.r0, i0, i1, i2, i3),
    mac(s.r1, x.r1, i0, i1, i2, i3),
    mac(s.r2, x.r2, i0, i1, i2, i3),
    mac(s.r3, x.r3, i0, i1, i2, i3),
    mac(s.r4, x.r4, i0, i1, i2, i3),
    mac(s.r5, x.r5, i0, i1, i2, i3),
    mac(s.r6, x.r6, i0, i1, i2, i3),
    mac(s.r7, x.r7, i0, i1, i2, i3),
    mac(s.r8, x.r8, i0, i1, i2, i3),
    mac(s.r9, x.r9, i0, i1, i2, i3),
    mac(s.r10, x.r10, i0, i1, i2, i3),
    mac(s.r11, x.r11, i0, i1, i2, i3),
    mac(s.r12, x.r12, i0, i1, i2, i3),
    mac(s.r13, x.r13, i0, i1, i2, i3),
    mac(s.r14, x.r14, i0, i1, i2, i3),
    mac(s.r15, x.r15, i0, i1, i2, i3),
  );
}

fn store(at: i32, s: Rows) {
  m[at + 0 * params.target4] = s.r0;
  m[at + 1 * params.target4] = s.r1;
  m[at + 2 * params.target4] = s.r2;
  m[at + 3 * params.target4] = s.r3;
  m[at + 4 * params.target4] = s.r4;
  m[at + 5 * params.target4] = s.r5;
  m[at + 6 * params.target4] = s.r6;
  m[at + 7 * params.target4] = s.r7;
  m[at + 8 * params.target4] = s.r8;
  m[at + 9 * params.target4] = s.r9;
  m[at + 10 * params.target4] = s.r10;
  m[at + 11 * params.target4] = s.r11;
  m[at + 12 * params.target4] = s.r12;
  m[at + 13 * params.target4] = s.r13;
  m[at + 14 * params.target4] = s.r14;
  m[at + 15 * params.target4] = s.r15;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (params.target4 + 3) / 4;
  let down = params.rows / 16;
  if (index >= params.parts * down * across) { return; }
  let o0 = index % across * 4;
  // Beyond the last column the one before is computed again, and not stored.
  let o1 = min(o0 + 1, params.target4 - 1);
  let o2 = min(o0 + 2, params.target4 - 1);
  let o3 = min(o0 + 3, params.target4 - 1);
  let row = index / across * 16;
  let part = index / (across * down);

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var c = 0;
  loop {
    let x = rows(row * params.source4 + c);
    let at = (part * params.source4 + c) * 4 * params.target4;
    s0 = add(s0, x, at + o0);
    s1 = add(s1, x, at + o1);
    s2 = add(s2, x, at + o2);
    s3 = add(s3, x, at + o3);
    c++;
    if (c >= params.source4) { break; }
  }
  let first = row * params.target4;
  store(first + o0, s0);
  if (o1 != o0) { store(first + o1, s1); }
  if (o2 != o1) { store(first + o2, s2); }
  if (o3 != o2) { store(first + o3, s3); }
}
`,winograd_weights:`// Weights of 3×3 convolutions for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels, those of many
// layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs; u, from vec4 job.u on:
// [(TILE+2)²][4·source4][target4] vec4 over channels of the result; each f32 or f16.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Job { weight: i32, u: i32, in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> u: array<transformed4>;

override FORWARD: u32 = 1u;

fn turned(job: Job, tap: i32, input: i32, output: i32) -> f32 {
  let row = ((8 - tap) * job.in4 * 4 + job.first4 * 4 + input) * job.out4;
  return f32(weights[job.weight + row + output / 4][output % 4]);
}

fn tap(job: Job, index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return vec4f(weights[job.weight + (index * job.in4 * 4 + source) * job.out4 + result]); }
  let first = result * 4;
  return vec4f(
    turned(job, index, first, source), turned(job, index, first + 1, source),
    turned(job, index, first + 2, source), turned(job, index, first + 3, source),
  );
}

// Three values through G: six of them, of F(2×2, 3×3) the first four.
struct Six {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
  g3: vec4f,
  g4: vec4f,
  g5: vec4f,
}

fn spread(a: vec4f, b: vec4f, c: vec4f) -> Six {
  if (TILE == 2) { return Six(a, (a + b + c) / 2.0, (a - b + c) / 2.0, c, vec4f(), vec4f()); }
  let even = (a + 4.0 * c) / 24.0;
  return Six(a / 4.0, -(a + b + c) / 6.0, -(a - b + c) / 6.0, even + b / 12.0, even - b / 12.0, c);
}

// Stores row i of the result.
fn store(i: i32, at: i32, step: i32, left: vec4f, middle: vec4f, right: vec4f) {
  let first = at + i * (TILE + 2) * step;
  let s = spread(left, middle, right);
  u[first] = transformed4(s.g0);
  u[first + step] = transformed4(s.g1);
  u[first + 2 * step] = transformed4(s.g2);
  u[first + 3 * step] = transformed4(s.g3);
  if (TILE == 4) {
    u[first + 4 * step] = transformed4(s.g4);
    u[first + 5 * step] = transformed4(s.g5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let size = job.source4 * 4 * job.target4;
  if (index >= size) { return; }
  let result = index % job.target4;
  let source = index / job.target4;
  let left = spread(tap(job, 0, source, result), tap(job, 3, source, result), tap(job, 6, source, result));
  let middle = spread(tap(job, 1, source, result), tap(job, 4, source, result), tap(job, 7, source, result));
  let right = spread(tap(job, 2, source, result), tap(job, 5, source, result), tap(job, 8, source, result));
  let at = job.u + index;
  store(0, at, size, left.g0, middle.g0, right.g0);
  store(1, at, size, left.g1, middle.g1, right.g1);
  store(2, at, size, left.g2, middle.g2, right.g2);
  store(3, at, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, at, size, left.g4, middle.g4, right.g4);
    store(5, at, size, left.g5, middle.g5, right.g5);
  }
}
`};var Va={read:"read-only-storage",read_write:"storage",uniform:"uniform"};function Ha({jobs:r,bindings:e}){return[r?"read":"uniform",...Object.values(e)].map(t=>Va[t])}function Ja(r,e,t={}){let a=r.prelude??[];for(let l of a)if(e[l]===void 0)throw new b(`Cannot compile ${r.name}: the constant ${l} is not given`);let o=Object.keys(r.types??{}),n=l=>{let d=t[l]??"f32";return`alias ${l} = ${l.endsWith("4")?`vec4<${d}>`:d};
`},s=[o.some(l=>t[l]==="f16")?`enable f16;
`:"",...o.map(n),...a.map(l=>`const ${l} = ${e[l]};
`),...(r.includes??[]).map(l=>ut[l]),ut[r.name]].join(""),i=Object.fromEntries(Object.entries(e).filter(([l])=>!a.includes(l)));return{code:s,overrides:i}}async function Vt(r,e,t,a={}){let{code:o,overrides:n}=Ja(e,t,a);r.pushErrorScope("validation");let s=r.createShaderModule({label:e.name,code:o}),i=r.createBindGroupLayout({label:e.name,entries:Ha(e).map((c,u)=>({binding:u,visibility:GPUShaderStage.COMPUTE,buffer:{type:c}}))}),l=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:s,entryPoint:"main",constants:n}}),d=await r.popErrorScope();if(d)throw new b(`Cannot compile ${e.name} ${JSON.stringify({...t,...a})}: ${d.message}`);return{kernel:e,pipeline:l,layout:i}}var Ht="shader-f16";var Qa=200,Ya=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function Xa(r){let e=/llvmpipe \(LLVM (\d+)/i.exec(r);return e?Number(e[1]):void 0}function Za(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function eo(){Za();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:o}=r.info,n=e||t||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:n,vendor:a,architecture:o,software:Ya.test(`${n} ${a} ${o}`),llvm:Xa(n),features:[...r.features].sort()}}}async function Jt(r={}){let e=await eo();if(!e)throw new k("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:t,summary:a}=e,o=["timestamp-query",...r.half?[Ht]:[]],{limits:n}=t,s=await t.requestDevice({requiredFeatures:o.filter(i=>t.features.has(i)),requiredLimits:{maxStorageBufferBindingSize:n.maxStorageBufferBindingSize,maxBufferSize:n.maxBufferSize,maxUniformBufferBindingSize:n.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:n.maxComputeWorkgroupStorageSize}});return new pt(s,a)}var pt=class{device;adapter;choices=new Map;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#a=new Map;#o;#n=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#n||(this.#o??=new te(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#o??=o instanceof GPUOutOfMemoryError?new j(`The GPU is out of memory: ${o.message}`):new b(`The GPU refused a command: ${o.message}`)})}get half(){return this.device.features.has(Ht)}check(){if(this.#n)throw new b("Cannot use a Gpu that was disposed");if(this.#o)throw this.#o}async loss(){let e=Promise.withResolvers(),t=setTimeout(()=>e.resolve(void 0),Qa),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(t),a&&new te(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,t,a){this.check();let o=Math.max(16,Math.ceil(t/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new j(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let n=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(n),this.#r+=o,this.#t=Math.max(this.#t,this.#r),n}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||a.byteLength%4!==0||t+a.byteLength>e.size)throw new b(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={},a={}){let o=`${e.name} ${JSON.stringify(Object.entries({...t,...a}).sort())}`,n=this.#a.get(o);return n||Vt(this.device,e,t,a).then(s=>(this.#a.set(o,s),s))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#n){this.#n=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#a.clear(),this.device.destroy()}}};var to=[1,2,4];function $e(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,o=(d,c,u,p)=>{if(!Number.isInteger(c)||c<u||c>p)throw new RangeError(`Cannot make a U-Net: ${d} must be a whole number from ${u} to ${p}, got ${c}`)};o("base",e,1,512),o("depth",t,0,6),o("blocks",a,1,16);let n={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(d,c)=>e*2**c),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,corrects:r.corrects??"all",filled:r.filled??!1,residualBlocks:r.residualBlocks??!0,scale:r.scale??1};if(!to.includes(n.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${n.scale}`);o("channels",n.channels,1,16);let{widths:s,encoderBlocks:i,decoderBlocks:l}=n;if(s.forEach(d=>o("a width",d,1,4096)),i.forEach(d=>o("a scale's encoder blocks",d,1,16)),l.forEach(d=>o("a scale's decoder blocks",d,1,16)),i.length!==s.length||l.length!==s.length-1)throw new RangeError(`Cannot make a U-Net: ${s.length} widths want ${s.length} encoder and ${s.length-1} decoder block counts, got ${i.length} and ${l.length}`);for(let[d,c,u]of[["activation",n.activation,["none","relu","leaky-relu"]],["down",n.down,["max-pool","stride"]],["up",n.up,["nearest","bilinear"]],["corrects",n.corrects,["all","extremes","holes"]]])if(!u.includes(c))throw new RangeError(`Cannot make a U-Net: ${d} must be one of ${u.join(", ")}, got ${c}`);if(n.corrects!=="all"&&!(n.residual&&n.scale===1))throw new RangeError(`Cannot make a U-Net: corrects=${n.corrects} needs residual=true and scale=1`);return n}function Fe(r){return 2**(r.widths.length-1)}function Y(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:o,activation:n,down:s,up:i,residual:l,residualBlocks:d}=r,c=r.scale,u=[],p=[],f=(y,_,T,M,G,U=1,R=3)=>{u.push({op:"conv2d",name:y,inputs:_,output:y,kernel:R,stride:U,inChannels:T,outChannels:M,activation:G});let C=T.reduce((I,N)=>I+N,0);return p.push({name:`${y}.weight`,shape:[R,R,C,M]},{name:`${y}.bias`,shape:[M]}),y},m=(y,_,T)=>{let M=f(y,[_],[T],T,n);return d?(u.push({op:"add",inputs:[_,M],output:`${y}.sum`}),`${y}.sum`):M},h=t.length-1,g=[],w=r.filled?"filled":void 0;w&&u.push({op:"fillHoles",input:"image",output:w});let v="image",x=e;for(let y=0;y<=h;y++){y>0&&(g.push(v),s==="stride"?(v=f(`down${y}`,[v],[x],t[y],n,2),x=t[y]):(u.push({op:"maxPool",input:v,output:`pool${y}`}),v=`pool${y}`));let _=y===0&&w?["image",w]:[v];v=f(`enc${y}.0`,_,_.map(()=>x),t[y],n),x=t[y];for(let T=1;T<a[y];T++)v=m(`enc${y}.${T}`,v,x)}for(let y=h-1;y>=0;y--){u.push({op:"upsample",input:v,output:`up${y}`,mode:i}),v=f(`dec${y}.0`,[`up${y}`,g[y]],[x,t[y]],t[y],n),x=t[y];for(let _=1;_<o[y];_++)v=m(`dec${y}.${_}`,v,x)}if(v=f("out",[v],[x],e*c**2,"none"),c!==1&&(u.push({op:"pixelShuffle",input:v,output:"shuffled",factor:c}),v="shuffled"),l){let y="image";for(let _=2;_<=c;_*=2)u.push({op:"upsample",input:y,output:`image.x${_}`,mode:"bilinear"}),y=`image.x${_}`;u.push(r.corrects==="all"?{op:"add",inputs:[y,v],output:"restored"}:{op:"addAtExtremes",inputs:[y,w??y,v],extremes:r.corrects==="holes"?"holes":"values",output:"restored"}),v="restored"}return{nodes:u,parameters:p,output:v}}var ao=.1,oo=.5;function Qt(r,e){let t=Y(r),a=new Map,o=new Set(t.nodes.flatMap(s=>s.op==="add"?[`${s.inputs[1]}.weight`]:[]));for(let s of t.nodes)s.op==="conv2d"&&a.set(`${s.name}.weight`,s.activation);let n=new Map;return t.parameters.forEach(({name:s,shape:i},l)=>{let d=new Float32Array(F(i)),c=a.get(s);if(c!==void 0){let u=c==="none"?1:c==="leaky-relu"?.1:0,p=F(i.slice(0,-1)),m=(s==="out.weight"&&r.residual?ao:o.has(s)?oo:1)*Math.sqrt(2/((1+u**2)*p)),h=new ie(e,l);for(let g=0;g<d.length;g++)d[g]=m*h.normal()}n.set(s,d)}),n}var no=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function xe(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=no[(t^r[a])&255]^t>>>8;return~t>>>0}function de(r){return Float32Array.from(r,e=>{let t=e&32768?-1:1,a=e>>10&31,o=e&1023;return a===31?o?NaN:t*(1/0):t*(a===0?o*2**-24:(1024+o)*2**(a-25))})}var Yt=2**52;function Le(r){let e=new Uint32Array(r.buffer,r.byteOffset,r.length),t=new Uint16Array(r.length);for(let a=0;a<r.length;a++){let o=e[a]>>>16&32768,n=e[a]&2147483647,s;n>2139095040?s=32256:n>=1199566848?s=31744:n<947912704?s=Math.abs(r[a])*2**24+Yt-Yt:s=n-939524096+4095+(n>>>13&1)>>>13,t[a]=o|s}return t}var ue={F32:4,F16:2},so=65504,io=1e8,_e="crc32",mt="00000000";function Zt(r){let e=[...r.tensors].map(([d,c])=>({name:d,...c,dtype:c.dtype??"F32"})).sort((d,c)=>ue[c.dtype]-ue[d.dtype]),t={__metadata__:{...r.metadata,[_e]:mt}},a=0;for(let{name:d,shape:c,data:u,dtype:p}of e){if(u.length!==F(c))throw new RangeError(`Cannot store tensor "${d}": shape ${S(c)} has not ${u.length} values`);if(d==="__metadata__")throw new RangeError(`Cannot store a tensor of the reserved name "${d}"`);let f=a+u.length*ue[p];t[d]={dtype:p,shape:c,data_offsets:[a,f]},a=f}let o=new TextEncoder().encode(JSON.stringify(t)),n=Math.ceil(o.length/8)*8,s=new Uint8Array(8+n+a);new DataView(s.buffer).setUint32(0,n,!0),s.fill(32,8,8+n),s.set(o,8);let i=8+n;for(let{name:d,data:c,dtype:u}of e){if(u==="F32")s.set(new Uint8Array(c.buffer,c.byteOffset,c.byteLength),i);else{let p=po(c,d);s.set(new Uint8Array(p.buffer),i)}i+=c.length*ue[u]}let l=tr(s,n);return s.set(new TextEncoder().encode(rr(xe(s))),l),s}function er(r,e){let t=h=>{throw new k(`Cannot read ${pe(e)} as safetensors: ${h}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>io&&t(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>r.length-8&&t(`its header claims ${o} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let n=lo(r.subarray(8,8+o),t),{__metadata__:s={},...i}=n;(!ft(s)||Object.values(s).some(h=>typeof h!="string"))&&t("its metadata is not a list of strings; the file is damaged");let l=r.subarray(8+o),d=[],c=new Map,u=Object.entries(i).map(([h,g])=>{let w=co(h,g,l.length,t);return d.push(w),{tensor:h,...w}});d.sort((h,g)=>h.begin-g.begin||h.end-g.end);let p=0;for(let{begin:h,end:g}of d)h!==p&&t(`its tensors overlap or leave a gap at byte ${Math.min(h,p)}; the file is damaged`),p=g;p!==l.length&&t(`its tensors fill ${p} bytes, but ${l.length} follow the header; the file is damaged`),uo(r,o,s,t);for(let{tensor:h,dtype:g,shape:w,begin:v,end:x}of u){let y=l.slice(v,x).buffer,_=g==="F32"?new Float32Array(y):de(new Uint16Array(y));c.set(h,{dtype:g,shape:w,data:_})}let{[_e]:f,...m}=s;return{tensors:c,metadata:m}}function lo(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return ft(t)?t:e("its header is no JSON object; the file is damaged")}function co(r,e,t,a){let o=c=>a(`tensor ${pe(r)} has ${c}; the file is damaged`);if(!ft(e))return o("no description");let{dtype:n,shape:s,data_offsets:i}=e;if(n!=="F32"&&n!=="F16")return a(`tensor ${pe(r)} is of type ${pe(String(n))}; only F32 and F16 can be read`);if(!Array.isArray(s)||!s.every(Xt))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(Xt))return o("no valid offsets");let[l,d]=i;return d<l?o(`offsets ${l} to ${d}`):d>t?a(`tensor ${pe(r)} ends at byte ${d} of the data, but the file holds ${t}; it is truncated or damaged`):d-l!==F(s)*ue[n]?o(`${d-l} bytes, but shape ${S(s)} of ${n} takes ${F(s)*ue[n]}`):{dtype:n,shape:s,begin:l,end:d}}function uo(r,e,t,a){if(!Object.hasOwn(t,_e))return;let o=tr(r,e);if(o!==void 0){let n=new TextEncoder().encode(mt),s=r.subarray(o+n.length),i=xe(s,xe(n,xe(r.subarray(0,o))));if(rr(i)===t[_e])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function tr(r,e){let t=new TextEncoder().encode(`"${_e}":"`),a=8+e-t.length-mt.length;for(let o=8;o<=a;o++)if(t.every((n,s)=>r[o+s]===n))return o+t.length}function po(r,e){let t=new Float16Array(r),a=t.findIndex((o,n)=>!Number.isFinite(o)&&Number.isFinite(r[n]));if(a>=0)throw new k(`Cannot store tensor ${pe(e)} as F16: the value ${r[a]} is beyond ±${so}; store it as F32`);return t}function pe(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var rr=r=>r.toString(16).padStart(8,"0"),Xt=r=>Number.isSafeInteger(r)&&r>=0,ft=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var ht="clairnet-1",gt=["name","recipe","loss","data","created","version","license","note"],ar=["seed","steps"];function Ke(r={}){return{...Object.fromEntries(gt.map(t=>[t,""])),seed:0,steps:0,metrics:{},...r}}function or(r,e={}){let{topology:t,parameters:a}=r,o=new Map,n=Y(t).parameters;for(let{name:s,shape:i}of n){let l=a.get(s);if(!l)throw new RangeError(`Cannot store the model: parameter "${s}" is missing`);nr(l,`Cannot store the model: parameter "${s}"`),o.set(s,{shape:i,data:l,dtype:e.dtype??"F32"})}if(a.size!==n.length)throw new RangeError(`Cannot store the model: it has ${a.size} parameters, its topology ${n.length}`);for(let[s,i]of e.tensors??[]){if(!s.includes("/"))throw new RangeError(`Cannot store extra tensor "${s}": its name must hold a "/"`);o.set(s,i)}return Zt({tensors:o,metadata:{...e.metadata,...mo(r)}})}function mo({topology:r,info:e}){let t={format:ht,topology:JSON.stringify(r)};for(let a of gt)t[a]=e[a];for(let a of ar)t[a]=String(e[a]);return t.metrics=JSON.stringify(e.metrics,(a,o)=>Number.isFinite(o)?o:typeof o=="number"?String(o):o),t}function yt(r,e){return fo(er(r,e),e)}function fo(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=r;if(a.format!==ht||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new k(`${t}: its metadata has ${i}, where Clairnet's models have "${ht}"`)}let n=ho(a.topology,t),s=new Map;for(let{name:i,shape:l}of Y(n).parameters){let d=o.get(i);if(!d)throw new k(`${t}: tensor "${i}" (${S(l)}) is missing`);if(S(d.shape)!==S(l))throw new k(`${t}: tensor "${i}" has shape ${S(d.shape)}, but its topology wants ${S(l)}`);nr(d.data,`${t}: tensor "${i}"`),s.set(i,d.data)}for(let i of o.keys())if(!s.has(i)&&!i.includes("/"))throw new k(`${t}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:n,parameters:s,info:go(a,t)}}function nr(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new k(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function ho(r,e){try{let{channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:l,residual:d,corrects:c="all",filled:u=!1,residualBlocks:p,scale:f}=JSON.parse(r);for(let[m,h]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:n}))if(!Array.isArray(h))throw new RangeError(`${m} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[m,h]of Object.entries({residual:d,filled:u,residualBlocks:p}))if(typeof h!="boolean")throw new RangeError(`${m} is neither true nor false`);for(let[m,h]of Object.entries({activation:s,down:i,up:l,corrects:c}))if(typeof h!="string")throw new RangeError(`${m} is no word`);return $e({channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:l,residual:d,corrects:c,filled:u,residualBlocks:p,scale:f??1})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new k(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function go(r,e){let t={};for(let a of gt)t[a]=r[a]??"";for(let a of ar){let o=Number(r[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new k(`${e}: ${a} in its metadata is no whole number`);t[a]=o}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([o,n])=>[o,Number(n)]);t.metrics=Object.fromEntries(a)}catch(a){throw new k(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}function sr(r,{peak:e,warmup:t,steps:a}){if(r<=t)return e*r/t;let o=Math.min((r-t)/(a-t+1),1);return e*.5*(1+Math.cos(Math.PI*o))}var yo=.999,vo=500;function ir(r,{peak:e,steps:t,decay:a=0}){let o=Math.min(vo,Math.ceil(t/20));return{beta1:.9,beta2:.99,maxNorm:1,step:r,decay:a,learningRate:sr(r,{peak:e,warmup:o,steps:t}),ema:wo(r)}}function wo(r){return Math.min((1+r)/(10+r),yo)}function lr(r){let e=[],t=[],a=new Array(r.length).fill(-1),o=r.map((n,s)=>s).sort((n,s)=>r[s].bytes-r[n].bytes||r[n].first-r[s].first);for(let n of o){let s=r[n],i=t.findLastIndex(l=>l.every(d=>!bo(d,s)));i<0&&(i=e.push(s.bytes)-1,t.push([])),t[i].push(s),a[n]=i}return{assignment:a,sizes:e}}function bo(r,e){return r.first<=e.last&&e.first<=r.last}var $={f32:4,f16:2};function vt(r,e,t="f32"){return e==="flat"?F(r)*$[t]:F(r.slice(0,-1))*A(r[r.length-1])*$[t]}function De(r,e,t){let a=A(e);if(a===e)return t?.set(r),t??r;let o=r.length/e,n=t??new Float32Array(o*a);for(let s=0,i=0,l=0;s<o;s++,l+=a-e)for(let d=0;d<e;d++)n[l++]=r[i++];return n}function ke(r,e){let t=A(e);if(t===e)return r;let a=r.length/t,o=new Float32Array(a*e);for(let n=0,s=0,i=0;n<a;n++,s+=t-e)for(let l=0;l<e;l++)o[i++]=r[s++];return o}var z=64,xo=65535,re=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=[];#t=new Map;#a="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new b(`Cannot record the tensor ${t}: its shape ${S(e)} must have positive extents`);let{layout:o="image",type:n="f32"}=a,s={id:this.tensors.length,name:t,shape:e,layout:o,type:n,lifetime:a.lifetime??"planned",bytes:vt(e,o,n),...a.external?{external:a.external}:{}};return this.tensors.push(s),s}input(e,t,a="f32"){let o=this.tensor(t,e,{lifetime:"persistent",type:a});return this.inputs.set(e,o),o}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#a;this.#a=a?`${a}/${e}`:e;try{return t()}finally{this.#a=a}}dispatch(e,t,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(t).join())throw new b(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(t).join()}`);cr(e,a.params);let n=o.filter(c=>e.bindings[c]==="read_write").map(c=>L(t[c]).tensor);for(let c of o){let{tensor:u}=L(t[c]);if(e.bindings[c]!=="read_write"?n.includes(u):n.filter(p=>p===u).length>1)throw new b(`Cannot record ${e.name}: ${u.name} is bound for reading and writing at once`)}let s={...a.types,..._o(e,t)},[i,l]=dr(Math.ceil(a.invocations/(a.workgroup??z))),d={label:[a.owner??this.#a,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},types:s,params:[a.params],bindings:t,workgroups:[i,l,a.groups??1],once:a.once??!1,flops:a.flops??0};return this.dispatches.push(d),d}addJob(e,t,a,o=z){cr(e.kernel,t);let n=e;n.params=[...n.params,t];let[s,i,l]=n.workgroups;n.workgroups=[...dr(Math.max(s*i,Math.ceil(a/o))),l+1]}extend(e,t){let a=e;a.shape=[t],a.bytes=vt(a.shape,"flat",e.type)}gradient(e,t){if(!this.training)return;let a=this.#a;this.#e.push(()=>{let o=this.#t.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>t(o.gradient))})}gradientOf(e){let t=this.#t.get(e);t||this.#t.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}hasGradient(e){return this.#t.has(e)}passGradient(e,t){if(this.#t.has(e))throw new b(`Cannot pass on ${t.name}: ${e.name} has a gradient already`);this.#t.set(e,{gradient:t,written:!0})}gradientInput(e,t){this.#t.set(t,{gradient:this.input(e,t.shape),written:!0})}afterBackward(e){this.#r.push(e)}backward(){for(let e of this.#e.splice(0).reverse())e();for(let e of this.#r.splice(0))e()}};function cr(r,e){let a=r.params.map(o=>o.split(":")[0]).find(o=>e[o]===void 0);if(a)throw new b(`Cannot record ${r.name}: the parameter ${a} is not given`)}function dr(r){let e=Math.max(1,Math.ceil(r/xo));return[Math.max(1,Math.ceil(r/e)),e]}function _o(r,e){let t={},a=new Set(Object.keys(e)),o=n=>L(e[n]).tensor.type;for(let[n,s]of Object.entries(r.types??{}))for(let i of s)if(a.delete(i),(t[n]??=o(i))!==o(i))throw new b(`Cannot record ${r.name}: ${s.join(", ")} must be of one type`);for(let n of a)if(o(n)!=="f32")throw new b(`Cannot record ${r.name}: it takes ${n} as f32 only`);return t}function L(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function P(r){return r.bytes/(4*$[r.type])}function wt(r){return F(r.shape)}function ur(r,e){let t=new Map,a=new Map;r.dispatches.forEach((c,u)=>{for(let p of Object.values(c.bindings)){let{tensor:f}=L(p);t.has(f)||t.set(f,u),a.set(f,u)}});for(let c of r.outputs.values())a.set(c,r.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,n=new Map,s=r.tensors.filter(c=>{if(c.external)n.set(c,c.external);else if(c.lifetime==="persistent")n.set(c,e(c.name,c.bytes,o));else return t.has(c);return!1}),{assignment:i,sizes:l}=lr(s.map(c=>({bytes:c.bytes,first:t.get(c),last:a.get(c)}))),d=l.map((c,u)=>e(`shared ${u}`,c,o));return s.forEach((c,u)=>n.set(c,d[i[u]])),n}function pr(r){let e=0,t=r.map(({kernel:o,params:n})=>{let s={offset:e,size:n.length*o.params.length*4};return e+=Math.ceil(s.size/256)*256,s}),a=new DataView(new ArrayBuffer(e));return r.forEach(({kernel:o,params:n},s)=>{let i=t[s].offset;for(let l of n)for(let d of o.params){let[c,u]=d.split(":");u==="f32"?a.setFloat32(i,l[c],!0):a.setInt32(i,l[c],!0),i+=4}}),{words:new Uint32Array(a.buffer),ranges:t}}function mr({kernel:r,bindings:e,params:t}){let a=t.some(({accumulate:o=0})=>o!==0);return Object.entries(e).reduce((o,[n,s])=>{let i=r.bindings[n]==="read_write"&&(a||r.updates?.includes(n));return o+L(s).size*(i?2:1)},0)}var Be=class{#e;#r;#t=new Map;#a=0;constructor(e,t){this.#e=e,this.#r=t}async read(e,t,a){let{device:o,times:n}=this.#e,s=performance.now(),i=this.#t.get(e);i||this.#t.set(e,i=[]);let l=i.pop(),d=h=>{let g=o.createCommandEncoder();return g.copyBufferToBuffer(a,0,h,0,t.bytes),o.queue.submit([g.finish()]),h},c=l?d(l):await this.#o(e,t,d);try{await c.mapAsync(GPUMapMode.READ)}catch(h){throw this.#e.check(),h}let u=performance.now();n.compute+=(u-Math.max(s,this.#a))/1e3,this.#a=u;let p=c.getMappedRange(0,t.bytes).slice(0),f=t.type==="f16"?de(new Uint16Array(p)):new Float32Array(p);c.unmap(),i.push(c),this.#e.check();let m=t.layout==="image"?ke(f,t.shape[t.shape.length-1]):f;return n.download+=(performance.now()-u)/1e3,m}async#o(e,t,a){let{device:o}=this.#e;o.pushErrorScope("validation"),o.pushErrorScope("out-of-memory");let n,s;try{s=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),this.#r.push(s),a(s)}finally{n=[o.popErrorScope(),o.popErrorScope()]}let[i,l]=await Promise.all(n);if(i)throw new j(`The GPU is out of memory to read ${e}: ${i.message}`);if(l)throw new b(`Cannot read ${e}: ${l.message}`);return s}};var fr=2048,ko=60,hr=new WeakMap;function So(r){return r.device.features.has("timestamp-query")}async function gr(r,e){if(!So(r))throw new b("Cannot profile: the adapter has no timestamp queries");let t=await To(r),a=[];for(let o=0;o<e.length;o+=fr){let n=await yr(r,e.slice(o,o+fr));for(let s=0;s<n.length;s+=2)a.push(Math.max(0,Number(n[s+1]-n[s])*t))}return a}async function yr(r,e){let{device:t}=r,a=e.length*2,o=t.createQuerySet({type:"timestamp",count:a}),n=r.buffer("timestamps",a*8,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),s=r.buffer("read timestamps",a*8,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let i=t.createCommandEncoder();return e.forEach((l,d)=>{let c=i.beginComputePass({timestampWrites:{querySet:o,beginningOfPassWriteIndex:d*2,endOfPassWriteIndex:d*2+1}});l(c),c.end()}),i.resolveQuerySet(o,0,a,n,0),i.copyBufferToBuffer(n,0,s,0,a*8),t.queue.submit([i.finish()]),await s.mapAsync(GPUMapMode.READ),r.check(),new BigUint64Array(s.getMappedRange(0,a*8).slice(0))}finally{for(let i of[n,s])r.release(i);o.destroy()}}function To(r){let e=hr.get(r);return e||hr.set(r,e=Ro(r)),e}async function Ro(r){let e=async()=>{let o=performance.now(),[n]=await yr(r,[()=>{}]);return{now:o,start:n}};await e();let t=await e();await new Promise(o=>setTimeout(o,ko));let a=await e();return Ao(Number(a.start-t.start),(a.now-t.now)*1e6)}function Ao(r,e){let t=e/r;return r>0&&(t<.5||t>2)?t:1}function vr(r,{compiled:e,group:t,dispatch:a}){r.setPipeline(e.pipeline),r.setBindGroup(0,t),r.dispatchWorkgroups(...a.workgroups)}async function Se(r,e){let t=performance.now();try{return await Po(r,e)}finally{r.times.prepare+=(performance.now()-t)/1e3}}async function Po(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:u,constants:p,types:f}of e.dispatches)a.push(await r.kernel(u,p,f));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let o=[],n=(u,p,f)=>{let m=r.buffer(u,p,f);return o.push(m),m},s=()=>o.forEach(u=>r.release(u)),i,l;try{let u=ur(e,n),p=pr(e.dispatches),f=n("params",Math.max(p.words.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST);r.write(f,0,p.words);let m=e.dispatches.map((h,g)=>({dispatch:h,compiled:a[g],group:t.createBindGroup({label:h.label,layout:a[g].layout,entries:[{binding:0,resource:{buffer:f,...p.ranges[g]}},...Object.values(h.bindings).map((w,v)=>{let{tensor:x,offset:y,size:_}=L(w);return{binding:v+1,resource:{buffer:u.get(x),offset:y,size:_}}})]})}));i=new bt(r,e,m,u,o)}catch(u){l=u}let d=await t.popErrorScope(),c=await t.popErrorScope();if(d?l=new j(`The GPU is out of memory for a plan: ${d.message}`):c&&(l??=new b(`Cannot build a plan: ${c.message}`)),l)throw s(),l;return i}var bt=class{#e;#r;#t;#a;#o;#n;#s=new Map;#i=!0;constructor(e,t,a,o,n){this.#e=e,this.#r=t,this.#t=a,this.#a=o,this.#o=n,this.#n=new Be(e,n)}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new b(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),n=t;if(a.layout==="image"){let s=a.shape[a.shape.length-1],i=this.#s.get(e);if(i||this.#s.set(e,i=new Float32Array(P(a)*4)),t.length!==a.shape.reduce((l,d)=>l*d,1))throw new b(`Cannot write ${e}: it is ${S(a.shape)}, got ${t.length} values`);n=De(t,s,i)}this.#e.write(this.#a.get(a),0,a.type==="f16"?Le(n):n),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),t=this.#e.device.createCommandEncoder(),a=t.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#i||vr(a,o);a.end(),this.#e.device.queue.submit([t.finish()]),this.#i=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#i=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new b(`Cannot read ${e}: the plan has no such output`);return await this.#n.read(e,t,this.#a.get(t))}describe(){let e=this.#o.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([n,s])=>`${n} ${L(s).tensor.name} ${S(L(s).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#o.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#o.reduce((e,t)=>e+t.size,0)}async profile(){this.#e.check();let e=this.#t.filter(({dispatch:a})=>!a.once||this.#i),t=await gr(this.#e,e.map(a=>o=>vr(o,a)));return this.#i=!1,e.map(({dispatch:a},o)=>({label:a.label,kernel:a.kernel.name,milliseconds:t[o]/1e6,flops:a.flops,bytes:mr(a)}))}[Symbol.dispose](){for(let e of this.#o.splice(0))this.#e.release(e)}};var wr={none:0,relu:1,"leaky-relu":2};function Te(r){return wr[r]}var br=new WeakMap;function xr(r,e){br.set(r,e)}function X(r){return br.get(r)??"none"}function K(r,e){let t=X(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:wr[t]}}}var Oo={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"},types:{a4:["a"],b4:["b"],result4:["y"]}},_r={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Eo={name:"add_grad_in_place",params:["count","accumulate","activation_a","activation_b"],bindings:{a:"read",b:"read",dy:"read_write",db:"read_write"},includes:["activation"],updates:["dy"]};function je(r,e,t,a="add",o=new Set){if(e.shape.join()!==t.shape.join())throw new b(`Cannot record add "${a}": its terms are ${S(e.shape)} and ${S(t.shape)}`);let n=r.tensor(e.shape,a,{type:e.type===t.type?e.type:"f32"}),s=P(n);return r.within(a,()=>{r.dispatch(Oo,{a:e,b:t,y:n},{params:{count:s},invocations:s}),r.gradient(n,i=>{let l=[e,t].filter(u=>!o.has(u)),d=e===t?[]:l.filter(u=>!r.hasGradient(u)),c=d.find(u=>X(u)==="none")??(l.length===2?d[0]:void 0);Uo(r,i,l,c)})}),n}function ze(r,e,t){let{gradient:a,accumulate:o}=r.gradientOf(e),{activated:n,constants:s}=K(e,t),i=P(t);r.dispatch(_r,{dy:t,activated:n,dx:a},{params:{count:i,accumulate:Number(o)},constants:s,invocations:i})}function Uo(r,e,t,a){let o=P(e),n=t.filter(i=>i!==a),s=a!==void 0&&X(a)!=="none";for(let i of n){let{gradient:l,accumulate:d}=r.gradientOf(i),{activated:c,constants:u}=K(i,s?a:e);s?r.dispatch(Eo,{a,b:c,dy:e,db:l},{params:{count:o,accumulate:Number(d),activation_a:K(a,a).constants.ACTIVATION,activation_b:u.ACTIVATION},invocations:o}):r.dispatch(_r,{dy:e,activated:c,dx:l},{params:{count:o,accumulate:Number(d)},constants:u,invocations:o})}a&&r.passGradient(a,e)}var Mo={name:"add_at_extremes",params:["count","c4","channels"],bindings:{x:"read",base:"read",r:"read",y:"read_write"},includes:["extremes"],types:{correction4:["r"]}},Co={name:"add_at_extremes_grad",params:["count","c4","channels","accumulate"],bindings:{dy:"read",x:"read",activated:"read",dr:"read_write"},includes:["activation","extremes"]};function kr(r,e,t,a,o,n="addAtExtremes",s=new Set){for(let p of[t,a])if(e.shape.join()!==p.shape.join()||a===e||a===t){let f=[e,t,a].map(({shape:m})=>S(m)).join(", ");throw new b(`Cannot record addAtExtremes "${n}": it takes tensors of one shape and a correction that is none of the others, not ${f}`)}let i=r.tensor(e.shape,n),l=P(i),d=e.shape[3],c={count:l,c4:A(d)/4,channels:d},u=+(o==="holes");return r.within(n,()=>{r.dispatch(Mo,{x:e,base:t,r:a,y:i},{params:c,constants:{WHOLE:u},invocations:l}),r.gradient(i,p=>{if(!s.has(a)){let{gradient:f,accumulate:m}=r.gradientOf(a),{activated:h,constants:g}=K(a,p);r.dispatch(Co,{dy:p,x:e,activated:h,dr:f},{params:{...c,accumulate:Number(m)},constants:{...g,WHOLE:u},invocations:l})}s.has(t)||ze(r,t,p)})}),i}var O=r=>"upsampled"in r?r.upsampled:r,D=r=>"upsampled"in r?1:0,E=r=>A(r.shape[3])/4;function xt(r){let{shape:e}=O(r),t=1<<D(r);return[e[1]*t,e[2]*t]}function _t(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new b(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[o,n]=xt(r[0]),s=O(r[0]).shape[0];for(let i of r){let[l,d]=xt(i),{shape:c}=O(i);if(c.length!==4||l!==o||d!==n||c[0]!==s)throw new b(`Cannot record conv2d "${e}": its inputs are ${S(O(r[0]).shape)} and ${S(c)}`)}if(r.length===2&&D(r[1]))throw new b(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[s,le(o,t),le(n,t),a]}function Sr(r,e){let[t,a]=xt(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((o,n)=>o+E(O(n)),0),out4:E(e),...e.type==="f16"?{half:!0}:{}}}function Tr(r,e,{name:t,kernel:a,outChannels:o}){let n=r.map(l=>O(l).shape[3]),s=e.specs.find(l=>l.name===`${t}.weight`),i=[a,a,n.reduce((l,d)=>l+d,0),o];if(!s||s.shape.join()!==i.join()||(s.sources??[i[2]]).join()!==n.join())throw new b(`Cannot record conv2d "${t}": input has ${n.join(" + ")} channels, so the weight is ${S(i)}; got ${s?S(s.shape):"none"}`)}function V({batch:r,out_height:e,out_width:t,options:a,sources:o},n){let s=n??o.reduce((i,l)=>i+O(l).shape[3],0);return 2*r*e*t*a.kernel**2*s*a.outChannels}function Z(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}var me=globalThis.navigator?.hardwareConcurrency??2;var No=19,Re=65536;function We(r){return Math.ceil((72*r+2)/16)*16}function ae(r){return Math.floor(Re/(We(r)*16))}function kt(r){return r%4===0||r%4===3}var Rr={old:16,new:8,gpu:16},Go=512;function Io(r,e,t){let{llvm:a,software:o}=r,{batch:n,height:s,width:i,kernel:l,stride:d}=e,c=Math.min(e.in4,e.out4),u=l===3&&d===1&&t!=="weight-gradient";if(o){if(a===void 0)return"tile8";let p=a<No;if(u&&c>=Rr[p?"old":"new"])return"winograd4_tile16";if(!p)return"tile8";let f=t==="input-gradient"?e.in4:e.out4,m=n*Math.ceil(s/4)*Math.ceil(i/8)*Math.ceil(f/4);return t!=="weight-gradient"&&m>=16*me&&fe("tile8x4x16",e,t)?"tile8x4x16":"tile8x4"}return t==="weight-gradient"?"gemm":u&&c>=Rr.gpu?"winograd4":n*s*i/d**2/128>=Go?"gemm128":"gemm"}function fe(r,e,t){if(r==="naive"||r==="gemm"||r==="gemm128")return!0;if(r==="gemm_f16"||r==="gemm128_f16")return t==="forward"&&e.half===!0;if(e.kernel!==3||e.stride!==1)return!1;let a=r.startsWith("winograd");return t==="weight-gradient"?!a:r==="tile8x4x16"&&t==="forward"&&!kt(e.out4)?!1:a||We(t==="forward"?e.in4:e.out4)*16<=Re}function Ar(r,e,t,a){let o=r==="auto"?Io(e,t,a):r;return fe(o,t,a)?o:o==="gemm128_f16"?"gemm128":o==="tile8x4x16"&&fe("tile8x4",t,a)?"tile8x4":o==="winograd4_tile16"&&fe("tile8",t,a)?"tile8":o==="winograd2"||o==="winograd4"||o==="gemm_f16"?"gemm":"naive"}var Fo=4;function Or(r,e){let{batch:t,height:a,width:o,in4:n,out4:s,kernel:i,stride:l,half:d}=r;return`${e} ${t}×${a}×${o} ${n}→${s} ${i}×${i} /${l}${d?" f16":""}`}function Lo(r){let e=/^([a-z-]+) (\d+)×(\d+)×(\d+) (\d+)→(\d+) (\d)×\d \/(\d)( f16)?$/.exec(r);if(!e)return;let[t,a,o,n,s,i,l]=e.slice(2,9).map(Number),d=e[1],c={batch:t,height:a,width:o,in4:n,out4:s,kernel:i,stride:l,...e[9]?{half:!0}:{}};return Or(c,d)===r?{layer:c,role:d}:void 0}function Er(r,e,t){if(r.size===0)return"auto";let a=r.get(Or(e,t))??Ko(r,e,t);return a!==void 0&&fe(a,e,t)?a:"auto"}function Ko(r,e,t){let a;for(let[o,n]of r){let s=Lo(o);if(s?.role!==t||!Do(s.layer,e))continue;let i=Math.abs(Math.log(Pr(s.layer)/Pr(e)));i<=Math.log(Fo)&&i<(a?.distance??1/0)&&(a={variant:n,distance:i})}return a?.variant}function Do(r,e){return r.in4===e.in4&&r.out4===e.out4&&r.kernel===e.kernel&&r.stride===e.stride&&r.half===e.half}function Pr({batch:r,height:e,width:t}){return r*e*t}var Bo={name:"conv2d_gemm",params:["batch","rows","columns","height","width","a4","b4","shift","holes","target4","in4","out4","first4","kernel","stride","batch_weights","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],activated4:["activated"],result4:["y"],tile4:[],product4:[]},includes:["activation","gemm_tile"],prelude:["M","N","VECS","K4","CHUNK"]},jo=0,zo=1,Wo=2,qo=[{M:64,N:64,VECS:2},{M:64,N:32,VECS:1},{M:128,N:16,VECS:1}],St={M:128,N:64,VECS:2};function Tt(r){let e=({N:t})=>Math.ceil(r/t)*(t+8);return qo.reduce((t,a)=>e(a)<e(t)?a:t)}var Ae={gemm:{large:!1,half:!1},gemm128:{large:!0,half:!1},gemm_f16:{large:!1,half:!0},gemm128_f16:{large:!0,half:!0}},Vo=32;function Ur(r,e,t){let{batch:a,in4:o,out4:n,kernel:s,weight:i,bias:l}=r,d=e.role==="forward",[c,u]=d?[r.out_height,r.out_width]:[r.height,r.width],[p,f=p]=e.sources.map(O),m=d?1:r.stride;Cr(r.rec,{a:p,b:f,w:i,bias:l,activated:e.residual??e.activated,y:e.target},{batch:a,rows:c,columns:u,height:d?r.height:r.out_height*m,width:d?r.width:r.out_width*m,a4:E(p),b4:e.sources[1]?E(f):0,shift:d?D(e.sources[0]):m-1,holes:m-1,target4:E(e.target),in4:o,out4:n,first4:e.first4,kernel:s,stride:d?r.stride:1,batch_weights:0,accumulate:Number(e.accumulate),activation:e.activation},{mode:d?zo:jo,kind:t,residual:e.residual!==void 0,flops:d?V(r):V(r,e.target.shape[3])})}function Mr(r,{v:e,u:t,m:a},{batch:o,rows:n,source4:s,target4:i}){Cr(r,{a:e,b:e,w:t,bias:e,activated:e,y:a},{batch:o,rows:n/8,columns:8,height:n/8,width:8,a4:s,b4:0,shift:0,holes:0,target4:i,in4:s,out4:i,first4:0,kernel:1,stride:1,batch_weights:s*4*i,accumulate:0,activation:0},{mode:Wo,residual:!1,kind:n%St.M===0?Ae.gemm128:Ae.gemm,flops:2*o*n*s*4*i*4})}function Cr(r,e,t,{mode:a,kind:o,residual:n,flops:s}){let{batch:i,rows:l,columns:d,a4:c,b4:u,target4:p}=t,f=Tt(p*4),m=o.large&&f.N===St.N?St:f,h=m.N===16||c+u===1?1:2,g=i*Math.ceil(l/(m.M/8))*Math.ceil(d/8),w=[e.a,e.w].every(v=>L(v).tensor.type==="f16");r.dispatch(Bo,e,{params:t,constants:{...m,K4:h,CHUNK:w&&o.half?Vo/(4*h):0,MODE:a,RESIDUAL:Number(n)},types:{tile4:w?"f16":"f32",product4:w&&o.half?"f16":"f32"},invocations:g*z,groups:Math.ceil(p*4/m.N),flops:s})}function Nr(r){return{name:r,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","blocks","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},types:{source4:["x"],activated4:["activated"],result4:["y"]},includes:["activation","conv2d_tile"],prelude:r==="conv2d_tile8"?["WORKGROUP"]:["WORKGROUP","OUTPUTS4"]}}var Gr=Nr("conv2d_tile8"),Ir=Nr("conv2d_tile8x4"),$r={name:"conv2d_pack",params:["weight","bias","packed","in4","out4","source4","source_first4","target4","first4","block_vec4s","count"],jobs:!0,bindings:{weights:"read",packed:"read_write"},types:{weight4:["weights"]},prelude:["WORKGROUP"]},Fr={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],result4:["y"]},includes:["activation"]},Lr={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Kr={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows","slice_vec4s","bias_at"],bindings:{x:"read",dy:"read",partials:"read_write"},prelude:["WORKGROUP"]},Dr={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Br={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};function jr(r,e){let{rec:t,options:a,weight:o,bias:n}=r,{kernel:s,stride:i}=a;if(e.role==="forward"){let[p,f=p]=e.sources.map(O);t.dispatch(Fr,{a:p,b:f,w:o,bias:n,y:e.target},{params:{...Z(r,["batch","height","width","out_height","out_width","out4"]),a4:E(p),b4:e.sources[1]?E(f):0,a_shift:D(e.sources[0]),kernel:s,stride:i},constants:{ACTIVATION:e.activation},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:V(r)});return}let{target:l,activated:d,first4:c}=e,u=E(l);t.dispatch(Lr,{dy:O(e.sources[0]),w:o,activated:d,dx:l},{params:{...Z(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:u,first4:c,kernel:s,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:r.batch*r.height*r.width*u,flops:V(r,l.shape[3])})}var qe={tile8:{height:1,blocks:1,step:2,added:4,dispatch:30},tile8x4:{height:4,blocks:1,step:5,added:15,dispatch:30},tile8x4x16:{height:4,blocks:2,step:8,added:30,dispatch:30}};function zr(r,e,t,a,o=me){let{step:n,added:s,dispatch:i,blocks:l}=qe[a],d=r,c=1/0;for(let u=1;u<=r;u++){let p=Math.ceil(r/u),f=ae(p)-ae(p)%l;if(f<1)continue;let m=0;for(let h=0;h<e;h+=f){let g=t*Math.min(f,e-h)/l;m+=u*i+Math.ceil(g/(8*o))*(r*n+(u-1)*s)}m<c&&([c,d]=[m,p])}return d}var Ho=1.5*2**20,Wr=256,he=class{tensor;#e;#r=0;constructor(e,t,a=void 0){this.#e=e,this.tensor=e.tensor([1],t,{layout:"flat",...a})}holds(e){return this.#r===0||this.#r+e<=Ho}take(e,t=e){let a=this.#r;this.#r=Math.ceil((a+e)/Wr)*Wr;let o=Math.max(this.tensor.bytes,a+e,a+t);return this.#e.extend(this.tensor,o/$[this.tensor.type]),{tensor:this.tensor,offset:a,size:e}}};var qr=new WeakMap;function Ve(r,e,t,a,o){let{kernel:n,role:s,constants:i,workgroup:l,weights:d,type:c}=e,u=qr.get(r);u||qr.set(r,u=new Map);let p=JSON.stringify([n.name,s,i,l,d.id,c]),f=!r.training,m=u.get(p);if(!m?.room.holds(t.bytes)){let w=f?"persistent":"planned";u.set(p,m={room:new he(r,`${n.name} ${s}`,{type:c,lifetime:w})})}let h=m.room.take(t.bytes,t.reach),g=a(h.offset);if(m.dispatch)r.addJob(m.dispatch,g,o,l);else{let[w,v]=Object.keys(n.bindings);m.dispatch=r.dispatch(n,{[w]:d,[v]:m.room.tensor},{owner:`weights/${s}`,params:g,constants:i,invocations:o,workgroup:l,once:f})}return h}var Jo=0,Qo=1,Yo=2;function Vr(r,e,t){let a=E(e.target),o=t==="tile8x4x16"&&!Xo(r,e)?"tile8x4":t,n=Math.ceil(a/2),s=r.batch*Math.ceil(r.height/qe[o].height)*Math.ceil(r.width/8),i=[],l=0;for(let d of e.sources){let c=E(O(d)),u=r.software?zr(c,n,s,o):c;for(let p=0;p<c;p+=u)i.push({source:d,first4:p,in4:Math.min(u,c-p),place4:l+p});l+=c}i.forEach((d,c)=>Zo(r,e,o,d,{tiles:s,blocks:n,first:c===0,last:c===i.length-1}))}function Xo({software:r},{sources:e,target:t}){let a=o=>ae(E(O(o)))>=2;return kt(E(t))&&(r||e.every(a))}function Zo(r,e,t,{source:a,first4:o,in4:n,place4:s},{tiles:i,blocks:l,first:d,last:c}){let{rec:u,batch:p,height:f,width:m,software:h}=r,g=e.role==="forward",w=O(a),v=E(e.target),x=We(n),y=qe[t].blocks,_=ae(n)-ae(n)%y,T=t!=="tile8",M=h?8:z,G=Math.floor((l-1)/_)*_*x*16,U=4*$[r.weight.tensor.type],R=l*2*n,C=Ve(u,{kernel:$r,role:e.role,workgroup:M,weights:r.weight.tensor,type:"f32",constants:{FORWARD:Number(g),WORKGROUP:M}},{bytes:l*x*16,reach:G+Re},N=>({weight:r.weight.offset/U,bias:r.bias.offset/U,packed:N/16,in4:r.in4,out4:r.out4,source4:n,source_first4:s,target4:v,first4:e.first4,block_vec4s:x,count:R}),R),I=c?e.residual:void 0;for(let N=0;N<l;N+=_){let B=Math.min(_,l-N);u.dispatch(T?Ir:Gr,{x:w,w:{...C,offset:C.offset+N*x*16,size:Re},activated:I??e.activated,y:e.target},{params:{batch:p,height:f,width:m,x4:E(w),first4:o,in4:n,shift:D(a),out4:v,first_block:N,blocks:B/y,block_vec4s:x,accumulate:Number(e.accumulate||!d),activation:c||!g?e.activation:0},constants:{MODE:g?d?Qo:Yo:Jo,BLOCKS_IN_LANES:Number(h),WORKGROUP:M,RESIDUAL:+(I!==void 0),...T&&{OUTPUTS4:y===2?4:v===1?1:2}},invocations:h?i*B/y:i,groups:h?1:B/y,workgroup:M,flops:18*p*f*m*n*4*Math.min(B*8,(v-N*2)*4)})}}var Jr={name:"sum_slices",params:["partials","total","count","slices","accumulate"],jobs:!0,bindings:{partials:"read",total:"read_write"}};function ge(r,e,t,a,o=!1){let n=L(t).size/16;r.dispatch(Jr,{partials:e,total:t},{params:{partials:0,total:0,count:n,slices:a,accumulate:Number(o)},invocations:n})}var He=new WeakMap,en=2**20;function Pe(r,e,t,a){if(t===1){a(e);return}let o=t*e.size;if(o>en){let l=r.tensor([o/4],"partials",{layout:"flat"});a(L(l)),ge(r,l,e,t);return}let n=He.get(r);n&&(n.gradients!==e.tensor||!n.room.holds(o))&&(Hr(r),n=void 0),n||(n={room:new he(r,"partials of gradients"),gradients:e.tensor,jobs:[]},He.set(r,n),r.afterBackward(()=>Hr(r)));let s=n.room.take(o);a(s);let i=e.size/16;n.jobs.push({partials:s.offset/16,total:e.offset/16,count:i,slices:t,accumulate:0})}function Hr(r){let e=He.get(r);if(!e)return;He.delete(r);let[t,...a]=e.jobs,o=r.dispatch(Jr,{partials:e.room.tensor,total:e.gradients},{owner:"weights/weight-gradient",params:t,invocations:t.count});for(let n of a)r.addJob(o,n,n.count)}function J(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var tn={name:"conv2d_weight_grad_gemm",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","rows","kernel","stride","across"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{tile4:["x","dy"],product4:[]},includes:["gemm_tile"],prelude:["M","N","VECS","K4"]},rn=512,an=256;function Qr(r,e,t){let{rec:a,options:o,in4:n,out4:s,kernel:i,stride:l}=r,d=i**2,c=Tt(s*4),u=Math.ceil(s*4/c.N),p=g=>Math.ceil(d*g*4/c.M)*u,f=Math.min(Math.ceil(rn/p(n)),an),{slices:m,each:h}=J(r.batch*r.out_height,f);Pe(a,t.range(a,`${o.name}.weight`,"gradients"),m,g=>{let w=0;for(let v of r.sources){let x=O(v),y=E(x);a.dispatch(tn,{x,dy:e,partials:g},{params:{...Z(r,["batch","height","width","out_height","out_width"]),in4:y,out4:s,shift:D(v),first4:w,total4:n,rows:h,kernel:i,stride:l,across:u},constants:{...c,K4:2},invocations:p(y)*z,groups:m,flops:V(r,x.shape[3])}),w+=y}})}var on=2048,nn=128*me;function Yr(r,e){return 3*Math.ceil(r/2)*Math.ceil(e/2)}function Xr(r,e,t,a){if(a!=="naive"&&!a.startsWith("tile8"))return Qr(r,e,t),!1;let{rec:o,options:n,in4:s,out4:i,software:l}=r,d=a!=="naive",c=n.kernel**2,p=(d&&l?nn:on)/(d?Yr(s,i):s*i*c),{slices:f,each:m}=J(r.batch*r.out_height,d&&l?Math.max(1,Math.round(p)):Math.ceil(p)),[h,g]=[`${n.name}.weight`,`${n.name}.bias`],w=d?t.span(o,h,g,"gradients"):void 0,v=w??t.range(o,h,"gradients"),x=w?v.size/16-i:0;return Pe(o,v,f,y=>{let _=l?8:z,T=0;for(let M of r.sources){let G=O(M),U=E(G),R={out4:i,shift:D(M),in4:U,first4:T,total4:s,slices:f,rows:m},C=V(r,G.shape[3]);d?o.dispatch(Kr,{x:G,dy:e,partials:y},{params:{...Z(r,["batch","height","width"]),...R,slice_vec4s:v.size/16,bias_at:T===0?x:0},constants:{WORKGROUP:_},invocations:Yr(U,i)*f,workgroup:_,flops:C}):o.dispatch(Dr,{x:G,dy:e,partials:y},{params:{...Z(r,["batch","height","width","out_height","out_width"]),...R,kernel:n.kernel,stride:n.stride},invocations:c*U*i*f,flops:C}),T+=U}}),w!==void 0}function Zr(r,e,t){let{rec:a,options:o,out4:n}=r,s=r.batch*r.out_height*r.out_width,{slices:i,each:l}=J(s,Math.ceil(256/n));Pe(a,t.range(a,`${o.name}.bias`,"gradients"),i,d=>a.dispatch(Br,{dy:e,partials:d},{params:{pixels:s,out4:n,slices:i,slice_pixels:l},invocations:n*i}))}var sn={name:"winograd_weights",params:["weight","u","in4","out4","source4","target4","first4"],jobs:!0,bindings:{weights:"read",u:"read_write"},types:{weight4:["weights"],transformed4:["u"]},prelude:["TILE","WORKGROUP"]},ln={name:"winograd_input",params:["height","width","x4","first4","source4","shift","first","count","stored","across","down"],bindings:{x:"read",v:"read_write"},types:{source4:["x"],transformed4:["v"]},prelude:["TILE","WORKGROUP"]},cn={name:"winograd_output",params:["height","width","target4","first","count","stored","across","down","accumulate","activation"],bindings:{m:"read",bias:"read",activated:"read",y:"read_write"},types:{transformed4:["m"],weight4:["bias"],activated4:["activated"],result4:["y"]},includes:["activation"],prelude:["TILE","WORKGROUP"]},dn={name:"winograd_product",params:["parts","rows","source4","target4"],bindings:{v:"read",u:"read",m:"read_write"},prelude:["WORKGROUP"]},ea={winograd2:{tile:2,registers:!1},winograd4:{tile:4,registers:!1},winograd4_tile16:{tile:4,registers:!0}},un=32*2**20;function pn(r,e,t,a){let o=Math.ceil(r/t),n=Math.max(1,Math.floor(a/(e*t)));return Math.ceil(o/Math.ceil(o/n))*t}function ta(r,e,{tile:t,registers:a},o=un){let{rec:n,batch:s,height:i,width:l,in4:d,out4:c,options:u,software:p}=r,f=e.sources.reduce((I,N)=>I+E(O(N)),0),m=E(e.target),h=(t+2)**2,g=+(e.role==="forward"),w=t===2?r.weight.tensor.type:"f32",v=p?8:z,x=4*$[w],y=f*4*m,_=Ve(n,{kernel:sn,role:e.role,workgroup:v,weights:r.weight.tensor,type:w,constants:{TILE:t,WORKGROUP:v,FORWARD:g}},{bytes:h*y*x},I=>({weight:r.weight.offset/(4*$[r.weight.tensor.type]),u:I/x,in4:d,out4:c,source4:f,target4:m,first4:e.first4}),y),[T,M]=[Math.ceil(l/t),Math.ceil(i/t)],G=s*T*M,U=pn(G,h*(f+m)*4*$[w],a?16:64,o),R=n.tensor([h,U,f*4],`${u.name}.winograd inputs`,{layout:"flat",type:w}),C=n.tensor([h,U,m*4],`${u.name}.winograd products`,{layout:"flat",type:w});for(let I=0;I<G;I+=U){let N=Math.min(U,G-I),B={height:i,width:l,first:I,count:N,stored:U,across:T,down:M},Q=0;for(let ne of e.sources){let se=O(ne),q=E(se);n.dispatch(ln,{x:se,v:R},{params:{...B,x4:q,first4:Q,source4:f,shift:D(ne)},constants:{TILE:t,WORKGROUP:v},invocations:N*q,workgroup:v}),Q+=q}a?n.dispatch(dn,{v:R,u:_,m:C},{params:{parts:h,rows:U,source4:f,target4:m},constants:{WORKGROUP:v},invocations:h*(U/16)*Math.ceil(m/4),workgroup:v,flops:2*h*U*f*4*m*4}):Mr(n,{v:R,u:_,m:C},{batch:h,rows:U,source4:f,target4:m}),n.dispatch(cn,{m:C,bias:r.bias,activated:e.residual??e.activated,y:e.target},{params:{...B,target4:m,accumulate:Number(e.accumulate),activation:e.activation},constants:{TILE:t,WORKGROUP:v,FORWARD:g,RESIDUAL:+(e.residual!==void 0)},invocations:N*m,workgroup:v})}}var mn={name:"residual_grad",params:["count","accumulate","activation_y","activation_r"],bindings:{s:"read",r:"read",ds:"read_write",dr:"read_write"},includes:["activation"],updates:["ds"]};function ra(r,e,t){return e==="none"||!t.has(r)}function aa(r,{s:e,r:t,activation:a},o,n){if(n.has(t))return;if(a==="none"){ze(r,t,o);return}let{gradient:s,accumulate:i}=r.gradientOf(t),l=P(o);r.dispatch(mn,{s:e,r:t,ds:o,dr:s},{params:{count:l,accumulate:Number(i),activation_y:Te(a),activation_r:Te(X(t))},invocations:l})}var fn={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"},types:{value4:["x","y"]}},hn={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},oa=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:A(a)/4});function na(r,e,t,a="up",o=new Set){let[n,s,i,l]=e.shape,d=r.tensor([n,s*2,i*2,l],a,{type:e.type});return r.within(a,()=>{r.dispatch(fn,{x:e,y:d},{params:oa(e),constants:{BILINEAR:+(t==="bilinear")},invocations:P(d)}),o.has(e)?o.add(d):r.gradient(d,c=>Rt(r,c,e,t))}),d}function Rt(r,e,t,a){let{gradient:o,accumulate:n}=r.gradientOf(t),{activated:s,constants:i}=K(t,e);r.dispatch(hn,{dy:e,activated:s,dx:o},{params:{...oa(t),accumulate:Number(n)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:P(t)})}function sa(r,e,t,a,{variant:o="auto",withoutGradient:n=new Set,residual:s}={}){let{name:i,kernel:l,stride:d,activation:c}=a,u=_t(e,a);if(Tr(e,t,a),s&&s.tensor.shape.join()!==u.join()){let x=S(s.tensor.shape);throw new b(`Cannot record conv2d "${i}": it gives ${S(u)}, the residual is ${x}`)}if(r.training&&t.type!=="f32")throw new b(`Cannot record conv2d "${i}": parameters of f16 are for inference alone`);let p=r.tensor(u,i,{type:t.type}),f=t.range(r,`${i}.weight`),m=t.range(r,`${i}.bias`),{software:h}=t.adapter,g={rec:r,sources:e,options:a,y:p,weight:f,bias:m,kernel:l,stride:d,software:h,...Sr(e,p)},w=x=>{let y=o==="auto"?Er(t.choices,g,x):o;return Ar(y,t.adapter,g,x)},v=s&&w("forward")!=="naive"&&(!r.training||ra(s.tensor,c,n))?s.tensor:void 0;return xr(p,v?"none":c),r.within(i,()=>{At(r,"forward",()=>{ia(g,{role:"forward",sources:e,target:p,activation:Te(c),activated:O(e[0]),first4:0,accumulate:!1,residual:v},w("forward"))}),r.gradient(p,x=>{v&&aa(r,{s:p,r:v,activation:c},x,n),At(r,"weight-gradient",()=>{Xr(g,x,t,w("weight-gradient"))||Zr(g,x,t)});let y=0;for(let _ of e){let T=O(_);At(r,"input-gradient",()=>{n.has(T)||gn(g,x,_,y,w("input-gradient"))}),y+=E(T)}})}),s&&!v?je(r,s.tensor,p,s.name,n):p}function At(r,e,t){r.within(e,t)}function ia(r,e,t){t==="naive"?jr(r,e):t==="tile8"||t==="tile8x4"||t==="tile8x4x16"?Vr(r,e,t):t in Ae?Ur(r,e,Ae[t]):ta(r,e,ea[t])}function gn(r,e,t,a,o){let{rec:n}=r,s=O(t),i="upsampled"in t?n.tensor([r.batch,r.height,r.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:l,accumulate:d}=i?{gradient:i,accumulate:!1}:n.gradientOf(s),{activated:c,constants:u}=i?{activated:e,constants:{ACTIVATION:0}}:K(s,e);ia(r,{role:"input-gradient",sources:[e],target:l,activation:u.ACTIVATION,activated:c,first4:a,accumulate:d},o),i&&Rt(n,i,s,"nearest")}var yn={name:"fill_holes",params:["count","height","width","c4","channels"],bindings:{x:"read",y:"read_write"},includes:["extremes"]};function la(r,e,t="fillHoles"){let a=r.tensor(e.shape,t),[,o,n,s]=e.shape,i=P(a);return r.within(t,()=>{r.dispatch(yn,{x:e,y:a},{params:{count:i,height:o,width:n,c4:A(s)/4,channels:s},constants:{WHOLE:1},invocations:i})}),a}var vn={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"},types:{value4:["x","y"]}},wn={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function ca(r,e,t="pool"){let[a,o,n,s]=e.shape,i=A(s)/4,l=r.tensor([a,le(o,2),le(n,2),s],t,{type:e.type}),d=r.tensor([P(l)],`${t}.argmax`,{layout:"flat"}),c={batch:a,height:o,width:n,c4:i};return r.within(t,()=>{r.dispatch(vn,{x:e,y:l,argmax:d},{params:c,invocations:P(l)}),r.gradient(l,u=>{let{gradient:p,accumulate:f}=r.gradientOf(e),{activated:m,constants:h}=K(e,u);r.dispatch(wn,{dy:u,argmax:d,activated:m,dx:p},{params:{...c,accumulate:Number(f)},constants:h,invocations:P(e)})})}),l}var da=["values","gradients","moment1","moment2","average"],Pt=256,Je=class{specs;type;length;#e;#r=new Map;#t=new Map;#a=new WeakMap;constructor(e,t,a="f32"){this.#e=e,this.specs=t,this.type=a;let o=0;for(let n of t){let s=ua(n);this.#r.set(n.name,{spec:n,offset:o,length:s}),o=this.#o(o+s)}this.length=o}get adapter(){return this.#e.adapter}get choices(){return this.#e.choices}range(e,t,a="values"){let{offset:o,length:n}=this.#n(t),s=$[this.type];return{tensor:this.whole(e,a),offset:o*s,size:n*s}}span(e,t,a,o){let n=this.range(e,t,o),s=this.range(e,a,o);return Math.ceil((n.offset+n.size)/Pt)*Pt===s.offset?{...n,size:s.offset+s.size-n.offset}:void 0}whole(e,t){let a=this.#a.get(e);a||this.#a.set(e,a=new Map);let o=a.get(t);return o||(o=e.tensor([this.length],`parameters.${t}`,{layout:"flat",type:this.type,lifetime:"persistent",external:this.#s(t)}),a.set(t,o)),o}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:n}of this.#r.values()){let s=e.get(o.name);if(!s||s.length!==F(o.shape))throw new b(`Cannot upload ${o.name}: it has ${F(o.shape)} values, got ${s?.length??"none"}`);a.set(xn(s,o),n)}this.#e.write(this.#s(t),0,this.type==="f16"?Le(a):a)}async download(e="values"){let t=this.length*$[this.type],{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let n=a.createCommandEncoder();n.copyBufferToBuffer(this.#s(e),0,o,0,t),a.queue.submit([n.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let s=o.getMappedRange(0,t).slice(0),i=this.type==="f16"?de(new Uint16Array(s)):new Float32Array(s);return new Map([...this.#r.values()].map(({spec:l,offset:d,length:c})=>[l.name,_n(i.subarray(d,d+c),l)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#o(e){let t=Pt/$[this.type];return Math.ceil(e/t)*t}#n(e){let t=this.#r.get(e);if(!t)throw new b(`Cannot find the parameter ${e}`);return t}#s(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*$[this.type],a),this.#t.set(e,t)}return t}};function bn(r){return r.reduce((e,t)=>e+A(t),0)}function ua({shape:r,sources:e}){if(r.length===1)return A(r[0]);let[t,a,o,n]=r;return t*a*bn(e??[o])*A(n)}function xn(r,e){let{shape:t,sources:a}=e,o=t[t.length-1],n=De(r,o);if(t.length===1)return n;let s=A(o),i=new Float32Array(ua(e));return pa(t,a,(l,d)=>i.set(n.subarray(l*s,(l+1)*s),d*s)),i}function _n(r,e){let{shape:t,sources:a}=e,o=t[t.length-1];if(t.length===1)return ke(r,o).slice(0,o);let n=A(o),s=new Float32Array(F(t.slice(0,-1))*n);return pa(t,a,(i,l)=>s.set(r.subarray(l*n,(l+1)*n),i*n)),ke(s,o).slice()}function pa(r,e,t){let a=r[0]*r[1],o=0,n=0;for(let s=0;s<a;s++)for(let i of e??[r[2]]){for(let l=0;l<i;l++)t(o++,n+l);n+=A(i)}}var kn={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"},types:{value:["x","y"],value4:["y"]}},Sn={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function ma(r,e,t,a="shuffle"){let[o,n,s,i]=e.shape,l=i/t**2;if(!Number.isInteger(l))throw new b(`Cannot record pixel shuffle "${a}": ${S(e.shape)} has no multiple of ${t**2} channels`);let d=r.tensor([o,n*t,s*t,l],a,{type:e.type}),c={batch:o,height:n,width:s,channels:l,factor:t,x_c4:A(i)/4,y_c4:A(l)/4};return r.within(a,()=>{r.dispatch(kn,{x:e,y:d},{params:c,invocations:P(d)}),r.gradient(d,u=>{let{gradient:p,accumulate:f}=r.gradientOf(e),{activated:m,constants:h}=K(e,u);r.dispatch(Sn,{dy:u,activated:m,dx:p},{params:{...c,accumulate:Number(f)},constants:h,invocations:P(e)})})}),d}function Oe(r,e,t="f32"){let a=Y(e),o=new Map(a.nodes.flatMap(n=>n.op==="conv2d"?[[`${n.name}.weight`,n.inChannels]]:[]));return new Je(r,a.parameters.map(n=>({...n,sources:o.get(n.name)})),t)}function Ee(r,e,t,a,o={}){let n=Fe(t),[,s,i,l]=e.shape;if(s%n||i%n||l!==t.channels)throw new b(`Cannot record the U-Net: the image is ${s}×${i}×${l}, it takes multiples of ${n} and ${t.channels} channels`);let d=Y(t),c=new Map([["image",e]]),u=new Set([e]),p=m=>{let h=c.get(m);if("upsampled"in h)throw new b(`Cannot record the U-Net: ${m} is read by more than a convolution`);return h},f=Tn(d);for(let m of d.nodes)if(!c.has(m.output))if(m.op==="conv2d"){let h=m.inputs.map(x=>c.get(x)),g=f.get(m.output),w=g&&{tensor:p(g.inputs[0]),name:g.output},v=sa(r,h,a,m,{...o,withoutGradient:u,residual:w});c.set(g?.output??m.output,v)}else if(m.op==="maxPool")c.set(m.output,ca(r,p(m.input),m.output));else if(m.op==="fillHoles"){let h=la(r,p(m.input),m.output);u.add(h),c.set(m.output,h)}else if(m.op==="addAtExtremes"){let[h,g,w]=m.inputs.map(p);c.set(m.output,kr(r,h,g,w,m.extremes,m.output,u))}else if(m.op==="add"){let[h,g]=m.inputs.map(p);c.set(m.output,je(r,h,g,m.output,u))}else m.op==="pixelShuffle"?c.set(m.output,ma(r,p(m.input),m.factor,m.output)):m.mode==="nearest"?c.set(m.output,{upsampled:p(m.input)}):c.set(m.output,na(r,p(m.input),m.mode,m.output,u));return p(d.output)}function Tn({nodes:r,output:e}){let t=new Map([[e,1]]);for(let n of r)for(let s of"inputs"in n?n.inputs:[n.input])t.set(s,(t.get(s)??0)+1);let a=new Set(r.flatMap(n=>n.op==="conv2d"?[n.output]:[])),o=r.filter(n=>n.op==="add");return new Map(o.flatMap(n=>{let[,s]=n.inputs;return a.has(s)&&t.get(s)===1?[[s,n]]:[]}))}var Rn={name:"squared_norm",params:["count","slice_vec4s","slices"],bindings:{g:"read",partials:"read_write"}},An={name:"adam",params:["count"],bindings:{now:"uniform",g:"read",norm:"read",p:"read_write",m:"read_write",v:"read_write",average:"read_write"},updates:["p","m","v","average"]};function fa(r,e,t="adam"){let a=r.scalars(t,12),o=e.whole(r,"gradients"),n=P(o),{slices:s,each:i}=J(n,1024),l=r.tensor([s*4],"norm partials",{layout:"flat"}),d=r.tensor([4],"squared norm",{layout:"flat",lifetime:"persistent"});return r.within(t,()=>{r.dispatch(Rn,{g:o,partials:l},{params:{count:n,slice_vec4s:i,slices:s},invocations:s}),ge(r,l,d,s);let[c,u,p,f]=["values","moment1","moment2","average"].map(m=>e.whole(r,m));r.dispatch(An,{now:a,g:o,norm:d,p:c,m:u,v:p,average:f},{params:{count:n},invocations:n})}),{squaredNorm:d}}function ha(r){let{learningRate:e,step:t,beta1:a=.9,beta2:o=.999,epsilon:n=1e-8,decay:s=0,maxNorm:i=0,ema:l=.999}=r,d=c=>1/(1-Math.fround(c)**t);return Float32Array.of(e,a,o,n,d(a),d(o),s,i,l,0,0,0)}var Pn=["mse","l1","charbonnier","psnr"],On={name:"loss",params:["count","c4","channels","slice_vec4s","slices","image_vec4s","scale:f32","per_pixel:f32","colour_weight:f32"],bindings:{y:"read",goal:"read",weights:"read",sums:"read",squares:"read",dy:"read_write",partials:"read_write"}},En={name:"loss_errors",params:["images","pixels","c4","slice_pixels","slices"],bindings:{y:"read",goal:"read",partials:"read_write"}},Un=1024,Mn=64;function ya(r,e,t,a,{weights:o,colourWeight:n=0,total:s}={}){if(e.shape.join()!==t.shape.join())throw new b(`Cannot record loss: output is ${S(e.shape)}, target is ${S(t.shape)}`);if(X(e)!=="none")throw new b(`Cannot record loss: ${e.name} has an activation fused into it, whose slope the loss does not know`);if(o&&o.shape[0]<e.shape[0])throw new b(`Cannot record loss: ${o.shape[0]} weights are too few for ${e.shape[0]} images`);let i=e.shape[e.shape.length-1],l=P(e),{slices:d,each:c}=J(l,Un),u=r.tensor([d*4],"loss partials",{layout:"flat"}),p=s??r.tensor([4],"loss",{layout:"flat",lifetime:"persistent"});return r.within("loss",()=>{let f=n>0?ga(r,e,t,"errors"):void 0,m=a==="psnr"?ga(r,e,t,"squares"):void 0;r.dispatch(On,{y:e,goal:t,weights:o??t,sums:f??t,squares:m??t,dy:r.gradientOf(e).gradient,partials:u},{params:{count:l,c4:A(i)/4,channels:i,slice_vec4s:c,slices:d,image_vec4s:l/e.shape[0],scale:1/wt(e),per_pixel:e.shape[0]*i/wt(e),colour_weight:n},constants:{KIND:Pn.indexOf(a),COLOUR:+(f!==void 0),WEIGHTED:+(o!==void 0)},invocations:d}),ge(r,u,p,d,s!==void 0)}),p}function ga(r,e,t,a){let o=e.shape[0],n=A(e.shape[e.shape.length-1])/4,s=P(e)/(o*n),{slices:i,each:l}=J(s,Mn),d=o*n,c=r.tensor([i*d*4],"error partials",{layout:"flat"}),u=r.tensor([d*4],"error sums",{layout:"flat"});return r.dispatch(En,{y:e,goal:t,partials:c},{params:{images:o,pixels:s,c4:n,slice_pixels:l,slices:i},constants:{SQUARED:+(a==="squares")},invocations:i*d}),ge(r,c,u,i),u}function va(r,e){let t=0;for(let a=0;a<e.length;a++)t+=(Math.min(Math.max(r[a],0),1)-e[a])**2;return Math.min(-10*Math.log10(t/e.length),60)}var wa=da.filter(r=>r!=="gradients"),Qe=class r{#e;#r;#t;#a;#o;#n;#s=0;#i;constructor(e,t,a,o){let{topology:n}=t;this.#a=e,this.#o=n,this.#n=t,this.#t=a,this.#e=o,this.#r=Oe(e,n)}static async create(e,t){let{topology:a,batch:o,patch:n}=t,s=Oe(e,a),i=new re({training:!0}),l=i.input("x",[o,n,n,a.channels]),d=n*a.scale,c=i.input("target",[o,d,d,a.channels]),u=Ee(i,l,a,s),f=(t.balance??0)>0?i.scalars("weights",o):void 0,m=i.scalars("total loss",4);ya(i,u,c,t.loss,{weights:f,colourWeight:t.colourWeight,total:m}),i.backward();let{squaredNorm:h}=fa(i,s);i.output("total loss",m),i.output("squared norm",h);try{let g=await Se(e,i);return await Promise.all(["total loss","squared norm"].map(w=>g.read(w))),new r(e,t,g,s)}catch(g){throw s[Symbol.dispose](),g}}start(e){let t=new Map([...e].map(([a,o])=>[a,new Float32Array(o.length)]));this.load({values:new Map(e),moment1:t,moment2:t,average:new Map(e)})}load(e){for(let t of wa)this.#e.upload(e[t],t);this.#c()}step(e,t){this.#l(e,t),this.#t.run(),this.#s++}async profile(e,t){return this.#l(e,t),this.#s++,await this.#t.profile()}#l(e,t){this.#t.write("x",e.input),this.#t.write("target",e.target);let{batch:a,balance:o=0}=this.#n;o>0&&this.#t.write("weights",Nn(e,a,o)),this.#t.write("adam",ha(t))}async look(){let e=this.#s,t=Promise.all([this.#t.read("total loss"),this.#t.read("squared norm")]);this.#c();let[[a],[o]]=await t;return{loss:a/e,gradientNorm:Math.sqrt(o)}}async state(){let e={};for(let t of wa)e[t]=await this.#e.download(t);return e}async validate(e,t){let{channels:a,scale:o}=this.#o;if(this.#i?.size!==t){this.#i?.plan[Symbol.dispose]();let c=new re({training:!1});c.output("y",Ee(c,c.input("x",[1,t,t,a]),this.#o,this.#r)),this.#i={plan:await Se(this.#a,c),size:t}}this.#r.upload(await this.#e.download("average"));let{plan:n}=this.#i;n.refresh();let s=t*t*a,i=e.input.length/s,l=s*o**2,d=0;for(let c=0;c<i;c++){n.write("x",e.input.subarray(c*s,(c+1)*s)),n.run();let u=await n.read("y");d+=va(u,e.target.subarray(c*l,(c+1)*l))}return d/i}async model(e={}){let t=await this.#e.download("average");return{topology:this.#o,parameters:t,info:Ke({loss:Cn(this.#n),...e})}}#c(){this.#t.write("total loss",new Float32Array(4)),this.#s=0}[Symbol.dispose](){this.#i?.plan[Symbol.dispose](),this.#t[Symbol.dispose](),this.#e[Symbol.dispose](),this.#r[Symbol.dispose]()}};function Cn({loss:r,colourWeight:e=0}){return e>0?`${r} + ${e} colour`:r}function Nn({input:r,target:e},t,a){let o=new Float32Array(Math.ceil(t/4)*4),n=r.length/t;for(let s=0;s<t;s++){let i=0;for(let l=s*n;l<(s+1)*n;l++)i+=(r[l]-e[l])**2;o[s]=(.003/(i/n+5e-4))**a}return o}function ba(){return self}function Ye(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var Gn=2e8,In=2048,Xe=class r{paired=!1;photos;skipped;#e;constructor(e,t,a){this.photos=e,this.#e=t,this.skipped=a}static async open(e,t){let a=[],o=[],n=[],s=Math.min(In,Math.floor(Math.sqrt(Gn/Math.max(e.length,1))));for(let[i,l]of e.entries()){let d=l.webkitRelativePath||l.name;try{let{width:c,height:u,rgb:p}=await $n(l,s);a.push({name:d,width:c,height:u}),o.push(p)}catch(c){n.push(`${d}: ${Ye(c)}`)}t(i+1,e.length)}if(a.length===0)throw new k(`None of the ${e.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`);return new r(a,o,n)}load(e){return Promise.resolve({high:this.#e[e]})}handle(){throw new Error("Cannot open these photos in another thread")}};async function $n(r,e){let t=await createImageBitmap(r,{imageOrientation:"from-image"}),a=Math.min(1,e/Math.max(t.width,t.height)),[o,n]=[t.width,t.height].map(d=>Math.max(1,Math.round(d*a))),s=new OffscreenCanvas(o,n).getContext("2d",{willReadFrequently:!0});s.imageSmoothingQuality="high",s.drawImage(t,0,0,o,n),t.close();let{data:i}=s.getImageData(0,0,o,n),l=new Uint8Array(o*n*3);for(let d=0,c=0;c<l.length;d+=4,c+=3)l[c]=i[d],l[c+1]=i[d+1],l[c+2]=i[d+2];return{width:o,height:n,rgb:l}}var Fn=2,Ze=class{topology;#e;#r;#t=new Map;#a=new Map;constructor(e,t,a={}){let{precision:o="f32"}=a;if(o==="f16"&&!e.half)throw new b("Cannot run in f16: the device was opened without it");this.topology=t.topology,this.#e=e,this.#r=Oe(e,t.topology,o),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#o(t);return a.write("image",e),a.run(),await a.read("restored")}async#o(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let o=this.#a.get(t);return o||(o=this.#n(t,e).finally(()=>this.#a.delete(t)),this.#a.set(t,o)),await o}async#n(e,t){let a=new re({training:!1});a.output("restored",Ee(a,a.input("image",t),this.topology,this.#r));let o=await Se(this.#e,a);this.#t.set(e,o);for(let[n,s]of this.#t){if(this.#t.size<=Fn)break;this.#t.delete(n),s[Symbol.dispose]()}return o}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var et=class extends Error{name="TileTooLargeError"};function Ln(r,e="f32"){return r.software?256:e==="f16"?1448:1024}var tt=class{topology;device;preferredTile;precision;concurrency=2;#e;#r;#t;constructor(e,t,a,o={}){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.precision=o.precision??"f32",this.preferredTile=Ln(e.adapter,this.precision),this.#e=e,this.#r=o.owned??!1,this.#t=new Ze(e,{topology:t,parameters:a},{precision:this.precision})}async run(e,t,a){try{return await this.#t.predict(e,[1,t,a,this.topology.channels])}catch(o){let n=await this.#e.loss();throw n?new te(n.message,{cause:o}):o instanceof j?new et(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:t,compute:a,download:o}=this.#e.times;return{prepare:e,upload:t,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};function xa(r){let e=new Uint8ClampedArray(r.length/3*4);for(let t=0,a=0;t<r.length;t+=3,a+=4){for(let o=0;o<3;o++)e[a+o]=255*r[t+o];e[a+3]=255}return e}var Ot=4,Kn=96,Dn=60,rt=class r{#e;#r;#t;#a;constructor(e,t,a){this.#e=e,this.#r=t,this.#t=a;let o=this.#s(t.input);this.#a=o.indexOf(Math.min(...o))}static async draw(e,t){let a=Fe(t.topology),o=Math.ceil(Kn/a)*a;return new r(t.topology,await Bt(e,{...t,count:Ot,size:o}),o)}async measure(e,t){var l=[];try{let a=ye(l,new tt(e,this.#e,t));let{input:o,target:n}=this.#r;let s=new Float32Array(o.length);for(let p=0;p<Ot;p++)s.set(await a.run(this.#n(o,p),this.#t,this.#t),p*this.#o);let i=p=>xa(this.#n(p,this.#a));return{psnr:{damaged:_a(this.#s(o)),restored:_a(this.#s(s))},preview:{size:this.#t,damaged:i(o),restored:i(s),original:i(n)}}}catch(d){var c=d,u=!0}finally{Me(l,c,u)}}get#o(){return this.#t*this.#t*3}#n(e,t){return e.slice(t*this.#o,(t+1)*this.#o)}#s(e){return Array.from({length:Ot},(t,a)=>{let o=0;for(let n=a*this.#o;n<(a+1)*this.#o;n++)o+=(Math.min(Math.max(e[n],0),1)-this.#r.target[n])**2;return Math.min(-10*Math.log10(o/this.#o),Dn)})}};function _a(r){return r.reduce((e,t)=>e+t,0)/r.length}async function ka({name:r,url:e,bytes:t}){if(t)return yt(t,r);let a=await fetch(e).catch(o=>{throw new k(`Cannot fetch the model ${r}: ${o.message}`,{cause:o})});if(!a.ok)throw new k(`Cannot fetch the model ${r}: the server answered ${a.status}`);return yt(new Uint8Array(await a.arrayBuffer()),r)}var Sa="l1",Bn=.05,jn=2500,zn=8,oe=ba(),Ue=!1;oe.onmessage=({data:r})=>{if(r.kind==="stop"){Ue=!0;return}Ue=!1,Wn(r.training).catch(e=>oe.postMessage({kind:"failed",message:Ye(e)}))};async function Wn(r){var T=[];try{let{steps:e,batch:t,patch:a,seed:o,lookEvery:n}=r;let s=zt(r.recipe);let i=await qn(r);let{topology:l}=i;let d=ye(T,await Jt());let c=await Xe.open(r.files,(R,C)=>oe.postMessage({kind:"decoding",done:R,total:C}));let u=jt(c.photos,Bn,o);let p=new we(c,{patch:a,batch:t,seed:o,recipe:s,indices:u.train});let f=await rt.draw(c,{indices:u.validation,recipe:s,seed:o,topology:l});let m=ye(T,await Qe.create(d,{topology:l,batch:t,patch:a,loss:Sa}).catch(R=>{throw R instanceof j?new k(`${t} patches of ${a}×${a} do not fit into the GPU's memory: choose less`):R}));m.start(i.parameters);oe.postMessage({kind:"ready",device:d.adapter.name,photos:c.photos.length,skipped:c.skipped,parameters:[...i.parameters.values()].reduce((R,{length:C})=>R+C,0)});let h=performance.now();let g=0;let w=0;for(;g<e&&!Ue;){if(m.step(await p.batch(g),ir(g+1,{peak:r.learningRate,steps:e})),g++,await new Promise(se=>setTimeout(se)),g%n!==0&&g<e&&!Ue)continue;let{loss:R}=await m.look();if(!Number.isFinite(R))throw new k(`The loss is no longer finite at step ${g}: try a smaller learning rate`);let C=performance.now(),I=g/(C-h)*1e3;if(C<w&&g<e&&!Ue){oe.postMessage({kind:"progress",step:g,loss:R,stepsPerSecond:I});continue}let{average:N}=await m.state(),{psnr:B,preview:Q}=await f.measure(d,N);oe.postMessage({kind:"progress",step:g,loss:R,stepsPerSecond:I,psnr:B,preview:Q},[Q.restored.buffer]);let ne=performance.now()-C;w=performance.now()+Math.max(jn,zn*ne)}let{average:v}=await m.state();let{psnr:x}=await f.measure(d,v);let y=Ke({name:"own",recipe:s.text,seed:o,steps:g,loss:Sa,data:`${c.photos.length} photos of one's own`,metrics:{"held-out psnr":Number(x.restored.toFixed(3))},created:new Date().toISOString(),version:Ct,note:r.init?`trained in a web page, from the weights of ${r.init.name}`:"trained in a web page"});let _=or({topology:l,parameters:v,info:y});oe.postMessage({kind:"done",step:g,stopped:g<e,file:_},[_.buffer])}catch(M){var G=M,U=!0}finally{Me(T,G,U)}}async function qn(r){if(r.init)return await ka(r.init);let e=$e({base:r.base,depth:r.depth});return{topology:e,parameters:Qt(e,r.seed)}}
